//! Writing a released order, or the books, as a file.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use gazelle_proto::settlement::v1::{ExportOrderRequest, PaymentFileFormat};
use sha2::{Digest as _, Sha256};

use crate::args::FileFormat;
use crate::client::Client;
use crate::context::Context;
use crate::failure::Failure;
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
    let mut file = WholeFile::begin(path)?;
    while let Some(piece) = pieces.message().await? {
        file.write(&piece.content)?;
    }
    wait.finish_and_clear();
    file.finish(&mut context.out)
}

/// A file that is there whole or not at all: it gets its name once all of it is written.
pub(in crate::commands) struct WholeFile<'a> {
    path: &'a Path,
    partial: PathBuf,
    file: File,
    hash: Sha256,
    bytes: i64,
    finished: bool,
}

impl<'a> WholeFile<'a> {
    pub(in crate::commands) fn begin(path: &'a Path) -> Result<Self, Failure> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.partial", std::process::id()));
        let partial = path.with_file_name(name);
        let file = File::create(&partial).map_err(|error| unwritable(path, &error))?;
        Ok(Self {
            path,
            partial,
            file,
            hash: Sha256::new(),
            bytes: 0,
            finished: false,
        })
    }

    pub(in crate::commands) fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.hash.update(bytes);
        self.bytes += i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        let written = self.file.write_all(bytes);
        written.map_err(|error| unwritable(self.path, &error))
    }

    /// Gives the file its name, and says what it is.
    pub(in crate::commands) fn finish(mut self, out: &mut Out) -> Result<(), Failure> {
        let done = self.file.sync_all();
        let done = done.and_then(|()| fs::rename(&self.partial, self.path));
        done.map_err(|error| unwritable(self.path, &error))?;
        self.finished = true;
        let digest = hex::encode(self.hash.clone().finalize());
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

impl Drop for WholeFile<'_> {
    fn drop(&mut self) {
        if !self.finished {
            // Nobody is helped by half a file, nor by hearing that it could not be removed.
            let _ = fs::remove_file(&self.partial);
        }
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::new("FILE_UNWRITABLE", format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("order.xml");
        fs::write(&path, "before").unwrap();
        let mut begun = WholeFile::begin(&path).unwrap();
        begun.write(b"half").unwrap();
        drop(begun);
        assert_eq!(fs::read(&path).unwrap(), b"before");

        let mut whole = WholeFile::begin(&path).unwrap();
        whole.write(b"all of ").unwrap();
        whole.write(b"it").unwrap();
        whole
            .finish(&mut Out::to(Format::Csv, Box::new(io::sink())))
            .unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"all of it");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
