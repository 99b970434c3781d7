//! What a result is written to, which may stop being read, as `head` does.

use std::io::{self, IsTerminal as _, Write};

/// A writer that its reader may close.
pub(super) struct Pipe {
    to: Box<dyn Write + Send>,
    /// Somebody has to read it, or there is nothing to do.
    needs_reader: bool,
    closed: bool,
    /// Why what was said since is lost; a reader who left wants to know of nothing.
    lost: Option<io::Error>,
}

impl Pipe {
    pub(super) fn new(to: Box<dyn Write + Send>) -> Self {
        Self {
            to,
            needs_reader: true,
            closed: false,
            lost: None,
        }
    }

    pub(super) fn go_on_unread(&mut self) {
        self.needs_reader = false;
    }

    pub(super) fn goes_on_unread(&self) -> bool {
        !self.needs_reader
    }

    /// Where nobody has to read, the rest is dropped once nobody does, or once there is no room
    /// for it.
    fn unread_is_fine<T>(&mut self, done: io::Result<T>, instead: T) -> io::Result<T> {
        match done {
            Err(error) if !self.needs_reader && error.kind() != io::ErrorKind::Interrupted => {
                self.closed = true;
                self.lost = Some(error).filter(|it| it.kind() != io::ErrorKind::BrokenPipe);
                Ok(instead)
            }
            done => done,
        }
    }

    /// Writes what is still kept back. Fails where something was lost, as on a full disk.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.flush()?;
        self.lost.take().map_or(Ok(()), Err)
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
        writing.finish().unwrap();
    }

    /// A disk without room.
    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_goes_on_without_room_for_its_result_says_so_at_its_end() {
        let mut writing = Pipe::new(Box::new(Full));
        writing.go_on_unread();
        writing.write_all(b"line").unwrap();
        writing.write_all(b"line").unwrap();
        let lost = writing.finish().unwrap_err();
        assert_eq!(lost.kind(), io::ErrorKind::StorageFull);
    }
}
