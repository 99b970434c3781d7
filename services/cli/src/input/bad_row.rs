//! Rows that cannot be read.

/// Longest row, in bytes. A batch of the longest rows fits into a message of the contract.
pub const ROW_BYTES_MAX: usize = 64 * 1024;

/// A row that is rejected, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// The line of the file on which it starts, from 1.
    pub line: u64,
    /// Its id, as far as it can be told.
    pub id: String,
    /// The machine reason.
    pub reason: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl BadRow {
    pub(super) fn new(line: u64, reason: &str, message: impl Into<String>) -> Self {
        Self {
            line,
            id: String::new(),
            reason: reason.to_owned(),
            message: message.into(),
        }
    }

    /// The same, of the row that `id` names.
    pub(super) fn of(self, id: String) -> Self {
        Self { id, ..self }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use crate::input::rows::RowFile;

    fn rejected(bytes: Vec<u8>) -> Vec<String> {
        let asked = ["uscc", "fiscal_year", "amount_fen", "name"];
        let file = RowFile::read(Box::new(Cursor::new(bytes)), &asked, &[]).unwrap();
        let mut file = file.with_id(2);
        let mut told = Vec::new();
        while let Some(row) = file.next_row().unwrap() {
            told.extend(row.err().map(|bad| format!("{} {}", bad.reason, bad.id)));
        }
        told
    }

    #[test]
    fn a_row_that_is_rejected_here_is_told_by_its_id_where_that_can_be_read() {
        let text = "name,uscc,amount_fen,fiscal_year\n\
                    张?,a,5,2024\n甲, b ,¥5,2024\n甲,c,#N/A,2024\n甲,#N/A,5,2024\n甲,d,5,2024\n";
        assert_eq!(
            rejected(text.into()),
            [
                "TEXT_INVALID a 2024",
                "NUMBER_FORMAT b 2024",
                "CELL_ERROR c 2024",
                "CELL_ERROR "
            ]
        );
        let mut workbook = rust_xlsxwriter::Workbook::new();
        let sheet = workbook.add_worksheet();
        let header = ["name", "uscc", "amount_fen", "fiscal_year"];
        sheet.write_row(0, 0, header).unwrap();
        let percent = rust_xlsxwriter::Format::new().set_num_format("0%");
        for (row, uscc) in [(1, "a"), (2, "b")] {
            sheet.write_row(row, 0, ["甲", uscc]).unwrap();
            sheet.write(row, 3, 2024).unwrap();
        }
        sheet.write_with_format(1, 2, 0.5, &percent).unwrap();
        sheet.merge_range(2, 2, 3, 2, "5", &percent).unwrap();
        sheet.write(3, 1, "c").unwrap();
        assert_eq!(
            rejected(workbook.save_to_buffer().unwrap()),
            ["NUMBER_FORMAT a 2024", "CELL_MERGED c"]
        );
    }
}
