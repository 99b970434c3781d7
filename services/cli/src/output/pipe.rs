//! What a result is written to, which may stop being read, as `head` does.

use std::io::{self, IsTerminal as _, Write};

/// A writer that its reader may close.
pub(super) struct Pipe {
    to: Box<dyn Write + Send>,
    /// Somebody has to read it, or there is nothing to do.
    needs_reader: bool,
    closed: bool,
}

impl Pipe {
    pub(super) fn new(to: Box<dyn Write + Send>) -> Self {
        Self {
            to,
            needs_reader: true,
            closed: false,
        }
    }

    pub(super) fn go_on_unread(&mut self) {
        self.needs_reader = false;
    }

    /// Where nobody has to read, the rest is dropped once nobody does.
    fn unread_is_fine<T>(&mut self, done: io::Result<T>, instead: T) -> io::Result<T> {
        match done {
            Err(error) if !self.needs_reader && error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(instead)
            }
            done => done,
        }
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.closed {
            return Ok(bytes.len());
        }
        let written = self.to.write(bytes);
        self.unread_is_fine(written, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let flushed = self.to.flush();
        self.unread_is_fine(flushed, ())
    }
}

/// The columns of the terminal that stdout is; none where it is no terminal, or does not say.
pub(super) fn terminal_width() -> Option<u16> {
    let stdout = io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    let size = rustix::termios::tcgetwinsize(&stdout).ok()?;
    (size.ws_col > 0).then_some(size.ws_col)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes that many bytes; then its reader is gone.
    struct Head(usize);

    impl Write for Head {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            Ok(taken)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_has_to_be_read_ends_with_its_reader_and_what_has_not_goes_on() {
        let mut reading = Pipe::new(Box::new(Head(3)));
        let ended = reading.write_all(b"four").unwrap_err();
        assert_eq!(ended.kind(), io::ErrorKind::BrokenPipe);

        let mut writing = Pipe::new(Box::new(Head(3)));
        writing.go_on_unread();
        for _ in 0..3 {
            writing.write_all(b"four").unwrap();
            writing.flush().unwrap();
        }
    }
}
