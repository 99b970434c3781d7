//! Of files that people give us.

super::catalogue! {
    FILES_TEXTS;
    FILE_UNREADABLE: "cannot read {path}: {error}", "无法读取 {path}：{error}";
    CANNOT_READ_ON: "cannot read on: {error}", "无法继续读取：{error}";
    STANDARD_INPUT: "standard input", "标准输入";
    STANDARD_OUTPUT: "standard output", "标准输出";
    ABOUT_TO_REPLACE: "{path} is there already, and what is in it would be replaced",
        "{path} 已存在，其内容将被替换";
    FOLDER_REPLACED: "{path} has files already; those with the names of the sample's would be replaced",
        "{path} 中已有文件，与样例同名的将被替换";
    NAME_NEEDED_FOR_BOTH: "--since writes two files, the note and its hashes; give a name for them with --out",
        "--since 会写出检查点及其哈希两个文件；请用 --out 给出名称";
    NAME_NEEDED: "a name is needed: standard output has what the command itself says",
        "须给出名称：标准输出用于命令自身的结果";
    OUTPUT_LOST: "what was asked for is done; what it says of it cannot be written to standard output: {cause}",
        "已经办理；但结果未能写到标准输出：{cause}";
    FILE_UNWRITABLE: "cannot write {path}: {error}", "无法写入 {path}：{error}";
    FILE_CHANGED: "{path} was changed or moved while it was read; give it again once nobody writes to it",
        "{path} 在读取期间被修改或移动；请待其不再变动后重新提交";
    FILE_KIND: "{path} is {what}; give a CSV file or an Excel workbook (.xlsx)",
        "{path} 是{what}；请提供 CSV 文件或 Excel 工作簿（.xlsx）";
    FILE_KIND_JSON: "{path} is {what}; give a JSON file", "{path} 是{what}；请提供 JSON 文件";
    FILE_KIND_ANSWER: "{path} is {what}; give a pain.002 (XML) or a treasury's list as CSV or .xlsx",
        "{path} 是{what}；请提供 pain.002（XML）或国库回盘清单（CSV、.xlsx）";
    ANSWER_LARGE: "{path} is larger than {limit} MiB", "{path} 超过 {limit} MiB";
    HEADER_AGAIN: "line {line} is the header once more, and no row", "第 {line} 行再次出现表头，不作为数据行";
    HEADER_ANEW: "line {line} is the header once more, and no row; its columns are others or in another order, and what is below is read by it",
        "第 {line} 行再次出现表头，不作为数据行；其列或列的次序与此前不同，以下各行按此表头读取";
    BELOW_BAD_HEADER: "the header above it, line {line}, cannot be used, so nothing tells which column is which; correct that line",
        "其上的表头（第 {line} 行）无法使用，不能确定各列的含义；请更正该行";
    ROWS_CONTRADICT: "lines {first} and {second} of {path} state something else each for {platform} {period}; keep the one that is meant",
        "{path} 第 {first} 行与第 {second} 行对 {platform} {period} 的合计不一致；请只保留正确的一行";
    REPEATED_IN_FILE: "lines {first} and {second} of the file have the same {columns} and differ otherwise; keep the one that is meant",
        "文件第 {first} 行与第 {second} 行的 {columns} 相同而其余内容不同；请只保留正确的一行";
    NO_ROWS: "{path} has a header and no rows", "{path} 只有表头，没有数据行";
    FILE_IS_EMPTY: "{path} is empty", "{path} 是空文件";
    NO_JSON_OBJECT: "no JSON object, which begins with a brace", "不以花括号开头的文件，不是 JSON 对象";
    PROGRAM_TOO_LONG: "{path} is too long for a program", "{path} 太长，不是项目文件";
    NO_SHARES: "shares: none; a program shares at least one kind of fee", "shares：没有；项目至少分担一种费用";
    CORRECT_FILE: "correct {path}", "请更正 {path}";
    FILE_EMPTY: "{path} is empty; it must begin with a header", "{path} 是空文件；文件应以表头开始";
    A_FOLDER: "a folder", "文件夹";
    A_PICTURE: "a picture ({format})", "图片（{format}）";
    AN_OLD_WORKBOOK: "a workbook of the old kind (.xls), or one that a password protects, which is not read; save it as .xlsx without a password, or as CSV",
        "旧格式工作簿（.xls）或设有密码的工作簿，不能读取，请另存为不设密码的 .xlsx 或 CSV";
    A_BINARY_WORKBOOK: "a binary workbook (.xlsb), which is not read; save it as .xlsx or CSV",
        "二进制工作簿（.xlsb），不能读取，请另存为 .xlsx 或 CSV";
    AN_OPEN_WORKBOOK: "an OpenDocument workbook (.ods), which is not read; save it as .xlsx or CSV",
        "OpenDocument 工作簿（.ods），不能读取，请另存为 .xlsx 或 CSV";
    A_TEXT_DOCUMENT: "a Word document", "Word 文档";
    A_WORKBOOK: "an Excel workbook", "Excel 工作簿";
    A_DOCUMENT: "a PDF document", "PDF 文档";
    AN_RTF: "an RTF document", " RTF 文档";
    AN_ARCHIVE: "an archive ({format}); unpack it first", "压缩包（{format}），请先解压";
    A_WEB_PAGE: "a web page or XML", "网页或 XML";
    JSON: "JSON", " JSON 文件";
    BARE_UTF16: "text in UTF-16 without a byte order mark, by the look of it; save it as UTF-8",
        "不带字节顺序标记（BOM）的 UTF-16 文本（据内容判断），请另存为 UTF-8";
    NO_TEXT: "no text", "非文本文件";
    WORKBOOK_UNREADABLE: "{path} cannot be read as an Excel workbook, it is damaged or cut off: {error}",
        "{path} 无法作为 Excel 工作簿读取，文件损坏或不完整：{error}";
    ARCHIVE_BROKEN: "its zip archive is broken", "压缩包的结构有误";
    PART_MISSING: "it has no {part}", "缺少 {part}";
    PART_BROKEN: "a part of it is no XML that can be read", "其中有不可读取的 XML";
    PART_STRANGE: "it has what no workbook has: {error}", "内容不合工作簿的格式（{error}）";
    WORKBOOK_EMPTY: "the first sheet of {path} is empty; it must begin with a header",
        "{path} 的第一个工作表是空的；工作表应以表头开始";
    WORKBOOK_EMPTY_OF: "the first sheet of {path}, {sheet}, is empty; not read: {others}; the sheet to be read must be the first one that is not hidden, and begin with a header",
        "{path} 的第一个工作表 {sheet} 是空的；未读取：{others}；要读取的工作表须是第一个未隐藏的，并以表头开始";
    WORKBOOK_TOO_LARGE: "{path} is larger than {limit} MiB; save it as CSV, which may have any size",
        "{path} 超过 {limit} MiB；请另存为 CSV，CSV 不限大小";
    WORKBOOK_SWELLS: "{path} unpacks to more than {limit} MiB; save it as CSV, which may have any size",
        "{path} 解压后超过 {limit} MiB；请另存为 CSV，CSV 不限大小";
    READ_AS: "{path} is not UTF-8; it is read as {encoding}", "{path} 不是 UTF-8，按 {encoding} 读取";
    READ_AS_SHOWN: "{path} is not UTF-8; it is read as {encoding}, by which its first text is {sample}",
        "{path} 不是 UTF-8，按 {encoding} 读取，其首个文字为：{sample}";
    MAY_BE_GB18030: "{path} is read as UTF-8, by which its first text is {sample}; if it says something else, it may be in GB18030: save it as CSV UTF-8",
        "{path} 按 UTF-8 读取，其首个文字为：{sample}；如不符，文件可能是 GB18030，请另存为 CSV UTF-8";
    OTHER_ENCODING: "{path} is neither UTF-8 nor GB18030, but {encoding}, by its characters; as GB18030 it would begin with {sample}; save it as CSV UTF-8",
        "{path} 既不是 UTF-8 也不是 GB18030，从字符看是 {encoding}；若按 GB18030 读取，首个文字会是：{sample}；请另存为 CSV UTF-8";
    MIXED_ENCODINGS: "{path} was joined of files in GB18030 and in UTF-8, which a part of it is, as {sample}; save each as CSV UTF-8, and join those",
        "{path} 由 GB18030 和 UTF-8 的文件拼接而成（如 {sample} 为 UTF-8）；请将各文件另存为 CSV UTF-8 后再拼接";
    READ_SHEET: "of the workbook {path} the first sheet is read: {sheet}",
        "读取工作簿 {path} 的第一个工作表：{sheet}";
    READ_SHEET_OF: "of the workbook {path} the first sheet is read: {sheet}; not read: {others}",
        "读取工作簿 {path} 的第一个工作表：{sheet}；未读取：{others}";
    HIDDEN_SHEET: "{sheet} (hidden)", "{sheet}（隐藏）";
    HIDDEN_ROWS: "the sheet {sheet} hides {count} row{count:s}, read too: {listed}",
        "工作表 {sheet} 有 {count} 个隐藏行，同样读取，行号：{listed}";
    HIDDEN_COLUMNS: "the sheet {sheet} hides {count} column{count:s}, read too: {listed}",
        "工作表 {sheet} 有 {count} 个隐藏列，同样读取，列名：{listed}";
    DATES_READ: "dates like {found} (line {line}) are read as {read}",
        "形如 {found} 的日期（第 {line} 行）按 {read} 读取";
    TIMES_READ: "times without an offset like {found} (line {line}) are read as Shanghai's, {read}",
        "未注明时区的时间（如第 {line} 行的 {found}）按北京时间读取：{read}";
    NUMBERS_READ: "numbers in full width like {found} (line {line}) are read as {read}",
        "全角数字（如第 {line} 行的 {found}）按 {read} 读取";
    VALUES_READ: "values like {found} (line {line}) are read as {read}, without what stands around them",
        "形如 {found} 的值（第 {line} 行）按 {read} 读取，不含前后的空白和标记";
    HEADER_BAD: "in the header: {problem}", "表头有误：{problem}";
    AT_LINE: "line {line}: {message}", "第 {line} 行：{message}";
    NOTHING_USED: "nothing of {path} was used", "{path} 中的内容均未使用";
    MISSING_COLUMN: "no column {missing}; the header must name {required}, in any order, and names {found}",
        "缺少列 {missing}；表头须含 {required}，次序不限；现有 {found}";
    ONE_COLUMN: "commas, semicolons or tabs separate columns, and not ，or |",
        "各列须以英文逗号、分号或制表符分隔，不能用“，”或“|”";
    DUPLICATE_COLUMN: "the header names the column {column} twice", "表头中列 {column} 重复";
    FIELD_COUNT: "{found} fields where the header has {expected}", "有 {found} 个字段，而表头有 {expected} 个";
    LINE_TOO_LONG: "a line of more than {limit} bytes", "一行超过 {limit} 字节";
    QUOTE_OPEN: "a quoted field does not end", "引号字段没有结束";
    QUOTE_INSIDE: "a quote inside a field that does not start with one", "字段中间出现引号，而字段不以引号开头";
    QUOTE_AFTER: "text after the quote that ends a field; a quote inside is doubled",
        "结束引号之后还有文字；字段内的引号须写两次";
    NOT_UTF8: "not UTF-8; save the file as UTF-8 (from GBK: iconv -f GB18030 -t UTF-8)",
        "不是 UTF-8；请将文件存为 UTF-8（由 GBK 转换：iconv -f GB18030 -t UTF-8）";
    NOT_DECODED: "bytes that are no character of {encoding}", "含有不属于 {encoding} 的字节";
    NUMBER_INEXACT: "{column}: a spreadsheet keeps 15 digits of a number, and this one has more; format the column as text",
        "{column}：电子表格的数字只保留 15 位，此处超出；请将该列设为文本格式后重新输入";
    ID_CUT: "{column}: {found} is what a spreadsheet writes for a number that is too long for its cell or its format, and the last digits are lost; format the column as text, and enter the id again",
        "{column}：{found} 是电子表格对过长数字的科学计数写法，末尾的数字已丢失；请将该列设为文本格式后重新输入";
    CELL_ERROR: "{column}: the cell holds the error {error}", "{column}：单元格为错误值 {error}";
    CELL_UNCOMPUTED: "{column}: the cell has a formula without its value; open the file in Excel or WPS and save it again",
        "{column}：单元格只有公式而没有结果；请用 Excel 或 WPS 打开后重新保存";
    CELL_NOT_TEXT: "{column}: the cell holds {what}, which a spreadsheet made of what was entered; format the column as text, and enter it again",
        "{column}：单元格中是{what}，由电子表格自动转换而来；请将该列设为文本格式后重新输入";
    CELL_DAY: "the day or time {found}", "日期或时间 {found}";
    CELL_TRUTH: "the truth value {found}", "逻辑值 {found}";
    CELL_NUMBER: "the number {found}", "数值 {found}";
    CELL_NUMBER_SHOWN: "the number {found}, shown otherwise by the format {format}",
        "数值 {found}（按格式 {format} 显示为其他内容）";
    NUMBER_FORMAT: "{column}: the cell holds the number {found}, and the sheet shows it otherwise, by the format {format}; format the cells as General, and enter the number that the column asks for (an amount in fen)",
        "{column}：单元格的数值是 {found}，而工作表按格式 {format} 显示为其他内容；请将单元格设为常规格式，并填写该列要求的数值（金额以分为单位）";
    SHOWN_AS_YUAN: "{column}: the format {format} shows {found} with decimals, as yuan are, and the column is in whole fen; enter fen (a yuan is 100), and format the cells as General",
        "{column}：格式 {format} 将 {found} 显示为带小数，像是以元为单位，而该列以分为单位；请填写分（1 元为 100 分），并将单元格设为常规格式";
    CURRENCY_SIGN: "{column}: {found} has a currency beside it; write the number that the column asks for alone (an amount in fen)",
        "{column}：{found} 带有货币符号；请只填写该列要求的数值（金额以分为单位）";
    NO_ID: "{column}: {what}; give the id itself, or nothing where there is none",
        "{column}：{what}；请填写编号本身，没有则留空";
    ID_MARKED: "{found} begins with a sign by which spreadsheets tell text or formulas",
        "{found} 以电子表格的文本或公式标记开头";
    ID_NULL: "{found} is what programs write where there is no value", "{found} 是程序表示空值的写法";
    NAME_BROKEN: "{column}: a line break or a tab is within the name; write it on one line",
        "{column}：名称中间有换行或制表符；请写在一行内";
    NAME_LOST: "{column}: a character of the name was lost where the file was saved, and a sign such as ? stands in its place; save it as CSV UTF-8 or .xlsx",
        "{column}：名称中有字符在保存文件时丢失，以 ? 等符号代替；请另存为 CSV UTF-8 或 .xlsx";
    CELL_MERGED: "{column}: the cell is merged with others, and has no value of its own; undo the merging, and fill in each cell",
        "{column}：单元格是合并单元格的一部分，没有自己的值；请取消合并并逐格填写";
    UNNAMED_COLUMN: "column {number}, which has no name", "第 {number} 列（无列名）";
}
