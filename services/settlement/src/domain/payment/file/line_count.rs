//! Lines of a text, counted as an editor does.

/// In which line a place of a text is, which goes on through it: the reader leaves out empty lines
/// and does not count them.
pub struct LineCount<'a> {
    text: &'a [u8],
    /// What ends a line.
    end: u8,
    counted: usize,
    line: u64,
}

impl<'a> LineCount<'a> {
    /// Of a text from its begin on.
    pub fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            end: if text.contains(&b'\n') { b'\n' } else { b'\r' },
            counted: 0,
            line: 1,
        }
    }

    /// The line of what comes at `byte` or, where that ends one, after it.
    pub fn at(&mut self, byte: usize) -> u64 {
        let rest = self.text.get(byte..).unwrap_or_default();
        let ends = rest.iter().take_while(|byte| b"\r\n".contains(byte));
        let upto = byte + ends.count();
        let passed = self.text.get(self.counted..upto).unwrap_or_default();
        let lines = passed.split(|byte| *byte == self.end);
        self.line += lines.skip(1).count() as u64;
        self.counted = upto;
        self.line
    }
}
