//! In which encoding a text file is.
//!
//! Nearly every text is one of GB18030, too: read so, names in Big5 or Shift-JIS become other
//! characters, and nothing fails. They are told by how common their characters are in each. What
//! is too short for that is shown to whoever reads the file.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use encoding_rs::{Encoding, GB18030};

use super::kind::utf16;
use super::tally::{Doubt, Tallies};
use crate::failure::Failure;
use crate::words;

/// Bytes of a file on disk that are looked at to tell its encoding. Beyond, a row that is not
/// UTF-8 is rejected, and says so.
const SURVEY_MAX: u64 = 256 * 1024 * 1024;

/// Bytes that are looked at together.
const CHUNK: usize = 128 * 1024;

/// Characters of a text that are shown.
const SHOWN_MAX: usize = 20;

/// What a file was found to be in.
#[derive(Debug, Default)]
pub(super) struct FileEncoding {
    /// None: UTF-8, or none that is known.
    pub(super) encoding: Option<&'static Encoding>,
    /// The first text beyond ASCII in it, where it is not certain.
    sample: String,
    /// Why it is not read, in words that name the file.
    doubt: Option<Doubt>,
}

impl FileEncoding {
    /// What people should know of how the file `name` is read. Refused as `FILE_KIND` where it
    /// would be read as what it is not.
    pub(super) fn told(&self, name: &str) -> Result<Option<String>, Failure> {
        if let Some(doubt) = &self.doubt {
            return Err(Failure::new("FILE_KIND", doubt.told(name)));
        }
        let Some(encoding) = self.encoding else {
            let told = || words::MAY_BE_GB18030.with(&[("path", &name), ("sample", &self.sample)]);
            return Ok((!self.sample.is_empty()).then(told));
        };
        let text = if self.sample.is_empty() {
            words::READ_AS
        } else {
            words::READ_AS_SHOWN
        };
        let values: [(&str, &dyn std::fmt::Display); 3] = [
            ("path", &name),
            ("encoding", &encoding.name()),
            ("sample", &self.sample),
        ];
        Ok(Some(text.with(&values)))
    }
}

/// The encoding of a file that begins with `head` and is at `path`, where it can be read again.
pub(super) fn encoding(head: &[u8], path: Option<&Path>) -> io::Result<FileEncoding> {
    if let Some(utf16) = utf16(head) {
        return Ok(FileEncoding {
            encoding: Some(utf16),
            ..FileEncoding::default()
        });
    }
    let mut survey = Survey::default();
    match path {
        Some(path) => survey.read(File::open(path)?.take(SURVEY_MAX))?,
        None => survey.read(head)?,
    }
    Ok(survey.found())
}

/// Lines with characters beyond ASCII, by the encoding that they can be in. A file of one encoding
/// may have broken lines, so the majority decides, and UTF-8 where there is none.
#[derive(Default)]
struct Survey {
    utf8: u64,
    gb18030: u64,
    /// The first that can be either.
    either: Option<String>,
    /// The first that can be GB18030, and is not UTF-8.
    first: Option<Vec<u8>>,
    /// The first that is UTF-8 beyond any doubt.
    certain: Option<String>,
    tallies: Tallies,
}

impl Survey {
    /// As many lines as these decide for the rest.
    const ENOUGH: u64 = 10_000;

    fn read(&mut self, mut input: impl Read) -> io::Result<()> {
        let mut chunk = Vec::with_capacity(CHUNK);
        loop {
            // The line that the last chunk ended in stays before this one.
            let kept = chunk.len();
            let read = input.by_ref().take(CHUNK as u64).read_to_end(&mut chunk)?;
            let ended = read == 0;
            let whole = if ended {
                kept
            } else {
                let last = chunk[kept..]
                    .iter()
                    .rposition(|&byte| byte == b'\n' || byte == b'\r');
                last.map_or(0, |at| kept + at + 1)
            };
            if !chunk[..whole].is_ascii() {
                chunk[..whole]
                    .split(|&byte| byte == b'\n' || byte == b'\r')
                    .for_each(|line| self.look(line));
            }
            if ended || self.utf8 + self.gb18030 > Self::ENOUGH {
                return Ok(());
            }
            chunk.drain(..whole);
            // A line without end is no row of a file that people have.
            if chunk.len() > 16 * CHUNK {
                chunk.clear();
            }
        }
    }

    fn look(&mut self, line: &[u8]) {
        if line.is_ascii() {
            return;
        }
        let decoded = GB18030.decode_without_bom_handling_and_without_replacement(line);
        if let Ok(text) = std::str::from_utf8(line) {
            // Words of two Chinese characters in GB18030, as 欠税, may be other letters in UTF-8; a
            // byte order mark is none.
            let may_be_other = chinese(text) == 0 && !text.contains('\u{feff}');
            if decoded.is_some() && may_be_other {
                self.either.get_or_insert_with(|| sample(text));
                return;
            }
            self.utf8 += 1;
            if self.certain.is_none() && is_certain(text) {
                self.certain = Some(sample(text));
            }
            return;
        }
        self.tallies.look(line);
        if decoded.is_some() {
            self.gb18030 += 1;
            self.first.get_or_insert_with(|| line.to_vec());
        }
    }

    fn found(self) -> FileEncoding {
        if self.gb18030 <= self.utf8 {
            let shown = self.either.filter(|_| self.utf8 == 0);
            return FileEncoding {
                sample: shown.unwrap_or_default(),
                ..FileEncoding::default()
            };
        }
        let first = self.first.unwrap_or_default();
        let (text, _) = GB18030.decode_without_bom_handling(&first);
        let sample = sample(&text);
        let doubt = self.tallies.doubt(&sample);
        FileEncoding {
            encoding: Some(GB18030),
            doubt: doubt.or(self.certain.map(Doubt::Mixed)),
            sample,
        }
    }
}

/// Whether a line that can be read as UTF-8 is no GB18030 by chance: of a few characters that
/// happens once among very many lines.
fn is_certain(line: &str) -> bool {
    const CHINESE_MIN: usize = 4;
    chinese(line) >= CHINESE_MIN
}

/// How many Chinese characters a text has, full-width ones too.
fn chinese(text: &str) -> usize {
    let is_chinese = |c: &char| matches!(c, '\u{3000}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}');
    text.chars().filter(is_chinese).count()
}

/// The first field of a line that holds more than ASCII.
fn sample(line: &str) -> String {
    let mut fields = line.split([',', ';', '\t', '"', '<', '>']);
    let field = fields.find(|field| !field.is_ascii()).unwrap_or_default();
    field.trim().chars().take(SHOWN_MAX).collect()
}

#[cfg(test)]
mod tests {
    use encoding_rs::{BIG5, SHIFT_JIS};

    use super::*;

    fn found(bytes: &[u8]) -> FileEncoding {
        encoding(bytes, None).unwrap()
    }

    fn told(encoding: &'static Encoding, text: &str) -> Result<Option<String>, String> {
        let (bytes, _, has_unmappable) = encoding.encode(text);
        assert!(!has_unmappable, "{text}");
        found(&bytes).told("a.csv").map_err(|it| it.to_string())
    }

    #[test]
    fn gb18030_is_shown_by_its_first_text_however_rare_its_characters() {
        for name in [
            "杭州测试商贸有限公司",
            "㛃",
            "䶮镕喆堃㛃",
            "李珺祎",
            "王玥",
            "个体工商户李珺玥",
            "國際電腦網絡",
            "臺灣國際電腦貿易有限公司",
            "東京商事株式會社",
            "鑫淼焱",
            "ＡＢＣ店",
            "Café 咖啡",
        ] {
            for file in [
                format!("uscc,name\n1,{name}\n"),
                format!("<Document><CstmrPmtStsRpt><Nm>{name}</Nm></CstmrPmtStsRpt></Document>"),
            ] {
                let note = told(GB18030, &file).unwrap();
                assert!(note.unwrap().contains(name), "{file}");
            }
        }
    }

    #[test]
    fn a_text_that_only_happens_to_be_gb18030_is_refused() {
        for (encoding, other, name) in [
            (BIG5, "Big5", "台北測試貿易有限公司"),
            (BIG5, "Big5", "國際電腦股份有限公司"),
            (BIG5, "Big5", "王小明\n2,李大同"),
            (SHIFT_JIS, "Shift_JIS", "株式会社東京商事"),
            (SHIFT_JIS, "Shift_JIS", "トヨタ自動車"),
            (SHIFT_JIS, "Shift_JIS", "有限会社さくら"),
        ] {
            let refused = told(encoding, &format!("uscc,name\n1,{name}\n")).unwrap_err();
            assert!(refused.contains(other), "{name}: {refused}");
        }
    }

    #[test]
    fn what_is_too_short_to_be_told_is_shown_as_it_was_read() {
        let note = told(BIG5, "uscc,name\n1,統一超商\n").unwrap().unwrap();
        assert!(note.ends_with("禬坝"), "{note}");
    }

    #[test]
    fn lines_in_utf_8_among_those_in_gb18030_are_refused_and_not_read_as_it() {
        let (gbk, _, _) = GB18030.encode("1,杭州测试商贸有限公司\n2,宁波测试商贸有限公司\n");
        let joined = [&gbk[..], "3,温州测试商贸有限公司\n".as_bytes()].concat();
        let refused = found(&joined).told("a.csv").unwrap_err();
        assert_eq!(refused.reason(), "FILE_KIND");
        let message = refused.message();
        assert!(message.contains("温州测试商贸有限公司"), "{message}");
        // Two characters of GBK may be UTF-8 by chance.
        let by_chance = [&gbk[..], b"3,\xcd\xa8\n"].concat();
        assert!(found(&by_chance).told("a.csv").is_ok());
    }

    #[test]
    fn words_that_are_other_letters_in_utf_8_are_read_with_the_rest_or_shown() {
        let read = |text: &str| {
            let (bytes, _, _) = GB18030.encode(text);
            let found = found(&bytes);
            (found.encoding, found.told("a.csv").unwrap())
        };
        let (encoding, _) = read("uscc,reason\n1,欠税\n2,停业\n3,歇业\n4,涉嫌虚假\n");
        assert_eq!(encoding, Some(GB18030));
        let (encoding, note) = read("uscc,reason\n1,欠税\n");
        assert_eq!(encoding, None);
        assert!(note.unwrap().contains("UTF-8"));
        assert!(
            found("1,欠税\n2,Café\n".as_bytes())
                .told("a.csv")
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn a_file_on_disk_is_looked_at_beyond_its_head() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let mut bytes = "a,b\n".repeat(100_000).into_bytes();
        bytes.extend_from_slice(&GB18030.encode("杭州,店\n").0);
        io::Write::write_all(&mut file, &bytes).unwrap();
        let head = &bytes[..1_000];
        let encoding = |path| encoding(head, path).unwrap().encoding;
        assert_eq!(encoding(None), None);
        assert_eq!(encoding(Some(file.path())), Some(GB18030));
    }
}
