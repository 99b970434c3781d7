//! Why files cannot be read or written, and addresses not be used, as the system tells it.

use std::io::{Error, ErrorKind};

use rustix::io::Errno;

use super::{Lang, Text, lang};

super::catalogue! {
    CAUSES_TEXTS;
    IO_NOT_FOUND: "there is no such file or folder", "没有该文件或文件夹";
    IO_DENIED: "you may not: permission denied", "没有权限";
    IO_FOLDER: "it is a folder", "它是文件夹";
    IO_NO_FOLDER: "a part of the path is no folder", "路径中有一部分不是文件夹";
    IO_EXISTS: "it is there already", "已存在";
    IO_NO_DEVICE: "it is a socket, or a device that is not there", "它是套接字或不存在的设备";
    IO_FULL: "no space is left", "磁盘空间不足";
    IO_READ_ONLY: "the file system is read-only", "文件系统只读";
    IO_LOOP: "its links lead in a circle", "符号链接循环，或层数过多";
    IO_FAILED: "the disk or device fails (I/O error)", "磁盘或设备读写出错（I/O 错误）";
    IO_NAME: "the name is too long, or none that a file may have", "名称过长，或不能作文件名";
    IO_NOT_EMPTY: "the folder is not empty", "文件夹不是空的";
    IO_TOO_LARGE: "it would be larger than a file may be", "超过文件大小的上限";
    IO_IN_USE: "somebody else is using it", "正被占用";
    IO_TOO_MANY_OPEN: "too many files are open; close some, or raise the limit (ulimit -n)",
        "打开的文件太多；请关闭一些，或提高上限（ulimit -n）";
    IO_OTHER_DISK: "it is on another file system", "在另一文件系统上";
    IO_LINKS: "it has as many links as it can", "链接数已达上限";
    IO_STALE: "the file server has it no longer", "文件服务器上已没有该文件";
    IO_NO_SEEK: "it is a pipe or the like, in which nobody can go back", "它是管道之类，不能回退";
    IO_MEMORY: "there is not enough memory", "内存不足";
    IO_ARGUMENT: "the system does not take this name or value", "系统不接受该名称或数值";
    IO_UNSUPPORTED: "the file system or the machine cannot do this", "文件系统或系统不支持此操作";
    IO_CUT_OFF: "it ends too early", "内容不完整";
    IO_NO_TEXT: "it is no text in UTF-8", "不是 UTF-8 文本";
    IO_NOBODY_READS: "nobody reads it any more", "对方不再读取";
    IO_INTERRUPTED: "it was interrupted; try again", "操作被中断，请重试";
    IO_BUSY: "it is not ready now; try again", "暂不可用，请重试";
    IO_TIMED_OUT: "it took too long", "超时";
    NET_IN_USE: "another process is using the address; choose another port",
        "该地址已被另一进程占用，请另选端口";
    NET_NOT_OURS: "this machine does not have the address", "本机没有该地址";
    NET_REFUSED: "the connection was refused", "连接被拒绝";
    NET_BROKEN: "the connection was broken off", "连接被中断";
    NET_NO_ROUTE: "the host or network cannot be reached", "无法到达该主机或网络";
    NET_DOWN: "the network is down", "网络未启用";
    NET_NO_FAMILY: "this machine does not speak this kind of address, such as IPv6",
        "本机不支持此类地址（如 IPv6）";
}

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
