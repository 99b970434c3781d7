//! Why files cannot be read or written, and addresses not be used, as the system tells it.

use std::io::{Error, ErrorKind};

use rustix::io::Errno;

use super::{
    Lang, Text, lang,
    system::{
        IO_ARGUMENT, IO_BUSY, IO_CUT_OFF, IO_DENIED, IO_EXISTS, IO_FAILED, IO_FOLDER, IO_FULL,
        IO_IN_USE, IO_INTERRUPTED, IO_LINKS, IO_LOOP, IO_MEMORY, IO_NAME, IO_NO_DEVICE,
        IO_NO_FOLDER, IO_NO_SEEK, IO_NO_TEXT, IO_NOBODY_READS, IO_NOT_EMPTY, IO_NOT_FOUND,
        IO_OTHER_DISK, IO_READ_ONLY, IO_STALE, IO_TIMED_OUT, IO_TOO_LARGE, IO_TOO_MANY_OPEN,
        IO_UNSUPPORTED, NET_BROKEN, NET_DOWN, NET_IN_USE, NET_NO_FAMILY, NET_NO_ROUTE,
        NET_NOT_OURS, NET_REFUSED,
    },
};

/// What the system says that has no kind of its own.
const BY_NUMBER: &[(Errno, Text)] = &[
    (Errno::NXIO, IO_NO_DEVICE),
    (Errno::NODEV, IO_NO_DEVICE),
    (Errno::IO, IO_FAILED),
    (Errno::LOOP, IO_LOOP),
    (Errno::MFILE, IO_TOO_MANY_OPEN),
    (Errno::NFILE, IO_TOO_MANY_OPEN),
    (Errno::AFNOSUPPORT, NET_NO_FAMILY),
];

const fn of_kind(kind: ErrorKind) -> Option<Text> {
    let text = match kind {
        ErrorKind::NotFound => IO_NOT_FOUND,
        ErrorKind::PermissionDenied => IO_DENIED,
        ErrorKind::IsADirectory => IO_FOLDER,
        ErrorKind::NotADirectory => IO_NO_FOLDER,
        ErrorKind::AlreadyExists => IO_EXISTS,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => IO_FULL,
        ErrorKind::ReadOnlyFilesystem => IO_READ_ONLY,
        ErrorKind::InvalidFilename => IO_NAME,
        ErrorKind::DirectoryNotEmpty => IO_NOT_EMPTY,
        ErrorKind::FileTooLarge => IO_TOO_LARGE,
        ErrorKind::ResourceBusy | ErrorKind::ExecutableFileBusy | ErrorKind::Deadlock => IO_IN_USE,
        ErrorKind::CrossesDevices => IO_OTHER_DISK,
        ErrorKind::TooManyLinks => IO_LINKS,
        ErrorKind::StaleNetworkFileHandle => IO_STALE,
        ErrorKind::NotSeekable => IO_NO_SEEK,
        ErrorKind::OutOfMemory => IO_MEMORY,
        ErrorKind::InvalidInput | ErrorKind::ArgumentListTooLong => IO_ARGUMENT,
        ErrorKind::Unsupported => IO_UNSUPPORTED,
        ErrorKind::UnexpectedEof | ErrorKind::WriteZero => IO_CUT_OFF,
        ErrorKind::InvalidData => IO_NO_TEXT,
        ErrorKind::BrokenPipe => IO_NOBODY_READS,
        ErrorKind::Interrupted => IO_INTERRUPTED,
        ErrorKind::WouldBlock => IO_BUSY,
        ErrorKind::TimedOut => IO_TIMED_OUT,
        ErrorKind::AddrInUse => NET_IN_USE,
        ErrorKind::AddrNotAvailable => NET_NOT_OURS,
        ErrorKind::ConnectionRefused => NET_REFUSED,
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::NotConnected => {
            NET_BROKEN
        }
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => NET_NO_ROUTE,
        ErrorKind::NetworkDown => NET_DOWN,
        _ => return None,
    };
    Some(text)
}

/// Why a file cannot be read or written, or an address not be used, in the language of this
/// process.
#[must_use]
pub fn cause(error: &Error) -> String {
    cause_in(lang(), error)
}

fn cause_in(lang: Lang, error: &Error) -> String {
    let said = error.to_string();
    // Libraries pass on what the system said, and no longer its kind.
    let number = error.raw_os_error().or_else(|| number_of(&said));
    let known = match number {
        Some(number) => of_number(number),
        // What a library puts into an error says more than its kind.
        None if error.get_ref().is_some() => None,
        None => of_kind(error.kind()),
    };
    match (known, number, lang) {
        (Some(text), ..) => text.in_lang(lang).to_owned(),
        (None, Some(number), Lang::Zh) => format!("系统不予执行（错误号 {number}）"),
        (None, None, Lang::Zh) if said.is_ascii() => format!("未能完成（{said}）"),
        (None, ..) => said,
    }
}

fn of_number(number: i32) -> Option<Text> {
    let mut known = BY_NUMBER.iter();
    let found = known.find(|(errno, _)| errno.raw_os_error() == number);
    found
        .map(|(_, text)| *text)
        .or_else(|| of_kind(Error::from_raw_os_error(number).kind()))
}

/// The number that the system's words end with: `No such file or directory (os error 2)`.
fn number_of(said: &str) -> Option<i32> {
    let (_, number) = said.strip_suffix(')')?.rsplit_once("(os error ")?;
    number.parse().ok()
}

/// Such words of the system, in the language of this process.
#[must_use]
pub(in crate::words) fn of_the_system(said: &str) -> Option<String> {
    Some(cause(&Error::from_raw_os_error(number_of(said)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_system_says_is_chinese_where_that_is_spoken() {
        for number in 1..=133 {
            let error = Error::from_raw_os_error(number);
            let told = cause_in(Lang::Zh, &error);
            assert!(
                !told.is_ascii() && !told.contains("os error"),
                "{error}: {told}"
            );
            let wrapped = Error::other(csv::Error::from(error));
            assert_eq!(cause_in(Lang::Zh, &wrapped), told);
        }
        for (number, told) in [
            (Errno::LOOP, IO_LOOP),
            (Errno::IO, IO_FAILED),
            (Errno::ADDRNOTAVAIL, NET_NOT_OURS),
            (Errno::NOSPC, IO_FULL),
        ] {
            let error = Error::from_raw_os_error(number.raw_os_error());
            assert_eq!(cause_in(Lang::Zh, &error), told.in_lang(Lang::Zh));
        }
    }

    #[test]
    fn what_has_no_number_is_told_by_its_kind_or_in_its_own_words() {
        let told = |error: Error| cause_in(Lang::Zh, &error);
        assert_eq!(told(ErrorKind::IsADirectory.into()), "它是文件夹");
        assert_eq!(told(Error::other("gone")), "未能完成（gone）");
        assert_eq!(told(Error::other("已停止")), "已停止");
        assert_eq!(cause_in(Lang::En, &Error::other("gone")), "gone");
    }
}
