//! Writing a released order, or the books, as a file.

use std::path::Path;

use gazelle_proto::settlement::v1::{ExportOrderRequest, PaymentFileFormat};
use sha2::{Digest as _, Sha256};

use crate::args::FileFormat;
use crate::client::Client;
use crate::commands::confirm::{asks, confirm};
use crate::context::Context;
use crate::failure::Failure;
use crate::files::WholeFile;
use crate::output::{Format, Out, column, note, progress, thousands};
use crate::words;

pub(super) async fn run(
    context: &mut Context,
    client: &Client,
    order_id: String,
    format: FileFormat,
    path: &Path,
) -> Result<(), Failure> {
    let format = match format {
        FileFormat::Pain001 => PaymentFileFormat::Pain001,
        FileFormat::TreasuryCsv => PaymentFileFormat::TreasuryCsv,
        FileFormat::TreasuryXlsx => PaymentFileFormat::TreasuryXlsx,
    };
    let request = ExportOrderRequest {
        order_id,
        format: format.into(),
    };
    let wait = progress::waiting(words::EXPORTING.say());
    let answer = client.payments.clone().export_order(request).await?;
    let mut pieces = answer.into_inner();
    let mut file = ToldFile::begin_private(path)?;
    while let Some(piece) = pieces.message().await? {
        file.write(&mut context.out, &piece.content)?;
    }
    wait.finish_and_clear();
    file.ask(context)?;
    file.finish(&mut context.out)
}

/// A file that is written whole, and told of by its size and digest; `-`: standard output, and what
/// is told of it goes to stderr.
pub(in crate::commands) struct ToldFile<'a> {
    path: &'a Path,
    /// None: standard output.
    file: Option<WholeFile<'a>>,
    hash: Sha256,
    bytes: i64,
}

impl<'a> ToldFile<'a> {
    pub(in crate::commands) fn begin(path: &'a Path) -> Result<Self, Failure> {
        Self::of(path, WholeFile::begin)
    }

    /// A file that nobody but its owner may read.
    pub(in crate::commands) fn begin_private(path: &'a Path) -> Result<Self, Failure> {
        Self::of(path, WholeFile::begin_private)
    }

    fn of(
        path: &'a Path,
        begin: impl FnOnce(&'a Path) -> Result<WholeFile<'a>, Failure>,
    ) -> Result<Self, Failure> {
        let is_named = path != Path::new("-");
        Ok(Self {
            path,
            file: is_named.then(|| begin(path)).transpose()?,
            hash: Sha256::new(),
            bytes: 0,
        })
    }

    pub(in crate::commands) fn write(
        &mut self,
        out: &mut Out,
        bytes: &[u8],
    ) -> Result<(), Failure> {
        self.hash.update(bytes);
        self.bytes += i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        match &mut self.file {
            Some(file) => file.write(bytes),
            None => out.piece(bytes),
        }
    }

    /// Asks whether it may take the place of a file with something else in it. Refused as
    /// `NOT_CONFIRMED`.
    pub(in crate::commands) fn ask(&self, context: &Context) -> Result<(), Failure> {
        let replaces = || {
            self.file
                .as_ref()
                .map_or(Ok(false), WholeFile::replaces_other)
        };
        if asks(context) && replaces()? {
            confirm(&words::ABOUT_TO_REPLACE.with(&[("path", &self.path.display())]))?;
        }
        Ok(())
    }

    /// Gives the file its name, and says what it is.
    pub(in crate::commands) fn finish(self, out: &mut Out) -> Result<(), Failure> {
        let digest = hex::encode(self.hash.finalize());
        let path = match &self.file {
            Some(_) => self.path.display().to_string(),
            None => words::STANDARD_OUTPUT.say().to_owned(),
        };
        let line = words::FILE_WRITTEN.with(&[
            ("path", &path),
            ("bytes", &thousands(self.bytes)),
            ("digest", &digest),
        ]);
        let Some(file) = self.file else {
            out.flush()?;
            note(&line);
            return Ok(());
        };
        file.finish()?;
        if out.format() == Format::Table {
            return out.line(&line);
        }
        out.one(&[
            (column("file", "file"), path.into()),
            (column("bytes", "bytes"), self.bytes.into()),
            (column("sha256", "SHA-256"), digest.into()),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn a_file_called_by_a_dash_is_all_that_standard_output_has() {
        let to = tempfile::NamedTempFile::new().unwrap();
        let mut out = Out::to(Format::Json, Box::new(to.reopen().unwrap()));
        let mut file = ToldFile::begin_private(Path::new("-")).unwrap();
        file.write(&mut out, b"<Doc").unwrap();
        file.write(&mut out, b"ument/>\n").unwrap();
        file.finish(&mut out).unwrap();
        assert_eq!(std::fs::read(to.path()).unwrap(), b"<Document/>\n");
    }
}
