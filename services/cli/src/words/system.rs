//! What the system says of files and addresses.

super::catalogue! {
    SYSTEM_TEXTS;
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
