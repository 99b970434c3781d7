//! Cells that are merged: the first has the value of all, and the others seem to, and have none. An
//! empty end of a merged column would mean that there is no end.

use calamine::Dimensions;

/// The merged cells of a sheet that is read row by row, down.
pub(super) struct Merged {
    /// Those that are not reached yet, the next at the end.
    below: Vec<Dimensions>,
    /// Those that the row is in.
    here: Vec<Dimensions>,
}

impl Merged {
    pub(super) fn new(mut below: Vec<Dimensions>) -> Self {
        below.sort_by_key(|it| std::cmp::Reverse(it.start.0));
        let here = Vec::new();
        Self { below, here }
    }

    /// Goes down to a row.
    pub(super) fn go_to(&mut self, row: u32) {
        while let Some(next) = self.below.pop_if(|it| it.start.0 <= row) {
            self.here.push(next);
        }
        self.here.retain(|it| it.end.0 >= row);
    }

    /// Whether the cell of that row and column shows the value of another.
    pub(super) fn hides(&self, row: u32, column: usize) -> bool {
        let Ok(column) = u32::try_from(column) else {
            return false;
        };
        let hides = |it: &Dimensions| it.contains(row, column) && it.start != (row, column);
        self.here.iter().any(hides)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_merged_cells_but_the_first_have_no_value_of_their_own() {
        let region = |start, end| Dimensions { start, end };
        let mut merged = Merged::new(vec![
            region((3, 1), (5, 1)),
            region((0, 0), (0, 4)),
            region((4, 3), (4, 4)),
        ]);
        let hidden = |row, merged: &mut Merged| {
            merged.go_to(row);
            let hidden = (0..6).filter(|column| merged.hides(row, *column));
            hidden.collect::<Vec<_>>()
        };
        assert_eq!(hidden(0, &mut merged), [1, 2, 3, 4]);
        assert_eq!(hidden(2, &mut merged), [0; 0]);
        assert_eq!(hidden(3, &mut merged), [0; 0]);
        assert_eq!(hidden(4, &mut merged), [1, 4]);
        assert_eq!(hidden(5, &mut merged), [1]);
        assert_eq!(hidden(6, &mut merged), [0; 0]);
    }
}
