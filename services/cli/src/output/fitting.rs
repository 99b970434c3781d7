//! How a table is laid out where the terminal is narrower than it.
//!
//! A number, an amount, a day or an id is never broken: half of one is read as another. Texts are,
//! no more than it takes; where that is not enough, each row is shown as lines of its own.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, TableStyle, Width};

/// Room beside the content of a column.
const PADDING: usize = 3;
/// Widths up to which texts are not broken, as much as fits.
const WHOLE: [usize; 8] = [usize::MAX, 60, 40, 32, 24, 18, 14, 10];

/// What a column needs.
#[derive(Debug, Clone, Default)]
pub(super) struct Needs {
    /// All of it on one line, its title too.
    whole: usize,
    /// The longest word in it.
    word: usize,
    /// Whether there is anything below the title.
    filled: bool,
}

impl Needs {
    pub(super) fn of_title(title: &str) -> Self {
        Self {
            whole: room(title),
            word: longest_word(title),
            filled: false,
        }
    }

    /// Looks at one more cell of it.
    pub(super) fn look(&mut self, text: &str) {
        self.filled |= !text.is_empty();
        self.whole = self.whole.max(text.lines().map(room).max().unwrap_or(0));
        self.word = self.word.max(longest_word(text));
    }

    /// The room that it takes where texts are broken beyond `most`; nothing for a column of
    /// nothing, which is not shown.
    fn taken(&self, most: usize) -> usize {
        self.whole.min(most).max(self.word)
    }
}

/// How wide each column is; none: a terminal of `width` has no room for them side by side.
pub(super) fn constraints(needs: &[Needs], width: Option<u16>) -> Option<Vec<ColumnConstraint>> {
    // The line below the titles ends one place beyond them.
    let limit = usize::from(width.unwrap_or(u16::MAX)).saturating_sub(1);
    let together = |most: usize| -> usize {
        let shown = needs.iter().filter(|column| column.filled);
        shown.map(|column| column.taken(most) + PADDING).sum()
    };
    let most = match width {
        Some(_) => WHOLE.into_iter().find(|most| together(*most) <= limit)?,
        None => usize::MAX,
    };
    let constraint = |column: &Needs| match column.taken(most) {
        _ if !column.filled => ColumnConstraint::Hidden,
        taken if taken >= column.whole => ColumnConstraint::ContentWidth,
        taken => {
            // The padding is within the width of a column.
            let taken = taken + PADDING - 1;
            ColumnConstraint::Absolute(Width::Fixed(u16::try_from(taken).unwrap_or(u16::MAX)))
        }
    };
    Some(needs.iter().map(constraint).collect())
}

/// The rows of `table`, each as lines of title and value, in a terminal of `width`.
pub(super) fn one_below_the_other(table: &Table, titles: &[&str], width: u16) -> String {
    let title_room = titles.iter().map(|title| room(title)).max().unwrap_or(0);
    let lines_of = |row: &comfy_table::Row| {
        let cells = titles.iter().zip(row.cell_iter());
        let lines = cells.map(|(title, cell)| ((*title).to_owned(), cell.content()));
        let lines: Vec<_> = lines.filter(|(_, value)| !value.is_empty()).collect();
        titled(&lines, title_room, width, Wide::Broken)
    };
    let rows: Vec<_> = table.row_iter().map(lines_of).collect();
    rows.join("\n\n")
}

/// Lines of title and value, of which texts are broken in a terminal of `width`.
pub(super) fn lines(lines: &[(String, String)], width: Option<u16>) -> String {
    let Some(width) = width else {
        let mut table = bare_table();
        for (title, value) in lines {
            table.add_row([title, value]);
        }
        return table.trim_fmt();
    };
    let title_room = lines.iter().map(|(title, _)| room(title)).max();
    titled(lines, title_room.unwrap_or(0), width, Wide::Whole)
}

/// What becomes of a digest that is wider than the terminal: of one thing it can be copied.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wide {
    Broken,
    Whole,
}

/// What is not to be broken and has no room beside its title stands below it.
fn titled(lines: &[(String, String)], title_room: usize, width: u16, wide: Wide) -> String {
    let title_room = title_room + PADDING - 1;
    let beside = usize::from(width).saturating_sub(title_room);
    let line = |(title, value): &(String, String)| {
        let needed = longest_word(value) + PADDING - 1;
        if needed <= beside {
            return row(&[(title, title_room), (value, beside)]);
        }
        let below = usize::from(width).saturating_sub(PADDING);
        let below = match wide {
            Wide::Broken => below,
            Wide::Whole => below.max(needed),
        };
        let title = row(&[(title, title_room)]);
        format!("{title}\n{}", row(&[("", PADDING), (value, below)]))
    };
    let lines: Vec<_> = lines.iter().map(line).collect();
    lines.join("\n")
}

/// Texts side by side, each in so much room.
fn row(cells: &[(&str, usize)]) -> String {
    let places = |room: usize| u16::try_from(room).unwrap_or(u16::MAX);
    let mut table = bare_table();
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(places(cells.iter().map(|(_, room)| room).sum()));
    table.add_row(cells.iter().map(|(text, _)| *text));
    for (at, (_, room)) in cells.iter().enumerate() {
        if let Some(column) = table.column_mut(at) {
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(places(*room))));
        }
    }
    table.trim_fmt()
}

/// A table without borders, as wide as its texts.
#[must_use]
pub fn bare_table() -> Table {
    let mut table = Table::new();
    table.load_style(TableStyle::new());
    table
}

/// Places of a terminal that a text takes; whoever is in doubt takes two.
fn room(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

/// The longest part that is not to be broken. Chinese may be, between any two characters.
fn longest_word(text: &str) -> usize {
    let words = text.split_whitespace();
    let parts = words.flat_map(|word| word.split(|c: char| !c.is_ascii()));
    let longest = parts.map(str::len).max().unwrap_or(0);
    if text.is_ascii() {
        longest
    } else {
        longest.max(4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(title: &str, cells: &[&str]) -> Needs {
        let mut needs = Needs::of_title(title);
        for cell in cells {
            needs.look(cell);
        }
        needs
    }

    #[test]
    fn only_texts_are_broken_and_no_more_than_it_takes() {
        let columns = [
            needs("total (yuan)", &["1,234,567.89"]),
            needs(
                "message",
                &["a text of several words that goes on and on for long"],
            ),
            needs("sealed at", &[]),
        ];
        let at = |width| constraints(&columns, width);
        assert_eq!(at(None).unwrap()[1], ColumnConstraint::ContentWidth);
        assert_eq!(at(Some(100)).unwrap()[1], ColumnConstraint::ContentWidth);
        let narrow = at(Some(60)).unwrap();
        assert_eq!(narrow[0], ColumnConstraint::ContentWidth);
        assert_eq!(narrow[1], ColumnConstraint::Absolute(Width::Fixed(42)));
        assert_eq!(narrow[2], ColumnConstraint::Hidden);
        assert!(at(Some(24)).is_none());
    }

    #[test]
    fn of_one_thing_texts_are_broken_and_neither_digests_nor_figures() {
        let digest = "0123456789abcdef".repeat(4);
        let line = |title: &str, value: &str| (title.to_owned(), value.to_owned());
        let all = [
            line("name", &"杭州市上城区".repeat(6)),
            line("digest", &digest),
            line("total (yuan)", "1,234,567.89"),
        ];
        let wide = lines(&all, None);
        assert_eq!(wide.lines().count(), 3);
        let narrow = lines(&all, Some(40));
        assert!(
            narrow.contains(&digest) && narrow.contains("1,234,567.89"),
            "{narrow}"
        );
        let others = narrow.lines().filter(|line| !line.contains(&digest));
        let widest = others.map(room).max();
        assert!(widest <= Some(40), "{narrow}");
        let name: String = narrow.chars().filter(|c| !c.is_ascii()).collect();
        assert_eq!(name, "杭州市上城区".repeat(6));
    }

    #[test]
    fn a_word_is_whole_and_chinese_has_no_words() {
        assert_eq!(longest_word("91330102MA02A8AX98 杭州上城"), 18);
        assert_eq!(longest_word("杭州上城苏堤天成软件"), 4);
        assert_eq!(longest_word("2026-11-28 23:02:41"), 10);
        assert_eq!(longest_word(""), 0);
    }
}
