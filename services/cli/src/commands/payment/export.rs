//! Writing a released order, or the books, as a file.

use std::path::Path;

use gazelle_proto::settlement::v1::{ExportOrderRequest, PaymentFileFormat};
use sha2::{Digest as _, Sha256};

use crate::args::FileFormat;
use crate::client::Client;
use crate::context::Context;
use crate::failure::Failure;
use crate::files::WholeFile;
use crate::output::{Format, Out, column, progress, thousands};
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
        file.write(&piece.content)?;
    }
    wait.finish_and_clear();
    file.finish(&mut context.out)
}

/// A file that is written whole, and told of by its size and digest.
pub(in crate::commands) struct ToldFile<'a> {
    path: &'a Path,
    file: WholeFile<'a>,
    hash: Sha256,
    bytes: i64,
}

impl<'a> ToldFile<'a> {
    pub(in crate::commands) fn begin(path: &'a Path) -> Result<Self, Failure> {
        Ok(Self::of(path, WholeFile::begin(path)?))
    }

    /// A file that nobody but its owner may read.
    pub(in crate::commands) fn begin_private(path: &'a Path) -> Result<Self, Failure> {
        Ok(Self::of(path, WholeFile::begin_private(path)?))
    }

    fn of(path: &'a Path, file: WholeFile<'a>) -> Self {
        Self {
            path,
            file,
            hash: Sha256::new(),
            bytes: 0,
        }
    }

    pub(in crate::commands) fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.hash.update(bytes);
        self.bytes += i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        self.file.write(bytes)
    }

    /// Gives the file its name, and says what it is.
    pub(in crate::commands) fn finish(self, out: &mut Out) -> Result<(), Failure> {
        self.file.finish()?;
        let digest = hex::encode(self.hash.finalize());
        let path = self.path.display().to_string();
        if out.format() == Format::Table {
            let line = words::FILE_WRITTEN.with(&[
                ("path", &path),
                ("bytes", &thousands(self.bytes)),
                ("digest", &digest),
            ]);
            return out.line(&line);
        }
        out.one(&[
            (column("file", "file"), path.into()),
            (column("bytes", "bytes"), self.bytes.into()),
            (column("sha256", "SHA-256"), digest.into()),
        ])
    }
}
