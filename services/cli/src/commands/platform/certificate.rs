//! Certificates of platforms, which a home's own authority signs.

use std::fs;

use gazelle_kernel::{Instant, PlatformId};
use gazelle_runtime::clock::Clock;
use time::Duration;

use crate::args::{CertificateArgs, RevokeArgs};
use crate::authority::{Authority, Issued, Request, platform_uri};
use crate::commands::confirm::{asks, confirm};
use crate::context::Context;
use crate::failure::Failure;
use crate::files::{WholeFile, has_content, unreadable};
use crate::output::{Cell, Column, column};
use crate::words;

const COLUMNS: &[Column] = &[
    column("platform_id", "platform"),
    column("serial", "serial number"),
    column("issued_at", "signed at"),
    column("ends_at", "ends at"),
    column("revoked_at", "revoked at"),
];

fn cells(issued: Issued) -> Vec<Cell> {
    vec![
        issued.platform_id.into(),
        issued.serial.into(),
        Cell::At(Some(issued.issued_at)),
        Cell::At(Some(issued.ends_at)),
        Cell::At(issued.revoked_at),
    ]
}

pub(super) async fn sign(context: &mut Context, args: &CertificateArgs) -> Result<(), Failure> {
    let pem = fs::read(&args.csr).map_err(|error| unreadable(&args.csr, &error))?;
    let request = Request::parse(&pem)?;
    context.home.check_known(&args.platform).await?;
    let authority = Authority::open(&context.home)?;
    let lifetime = Duration::days(args.days);
    if asks(context) && has_content(&args.out) {
        confirm(&words::ABOUT_TO_REPLACE.with(&[("path", &args.out.display())]))?;
    }
    // Begun before: what is signed and can't be written down would be lost.
    let mut file = WholeFile::begin(&args.out)?;
    let (issued, pem) = authority.sign_platform(&args.platform, &request, lifetime)?;
    file.write(pem.as_bytes())?;
    file.finish()?;
    let mut fields: Vec<_> = COLUMNS.iter().copied().zip(cells(issued)).collect();
    fields.push((column("name", "name"), platform_uri(&args.platform).into()));
    context.out.one(&fields)
}

pub(super) fn list(context: &mut Context, platform: Option<&PlatformId>) -> Result<(), Failure> {
    let issued = Authority::open(&context.home)?.issued()?;
    let asked = |it: &Issued| platform.is_none_or(|id| it.platform_id == id.as_str());
    show(context, issued.into_iter().filter(asked))
}

pub(super) fn revoke(context: &mut Context, args: &RevokeArgs) -> Result<(), Failure> {
    if asks(context) {
        // Opened for that alone: nobody signs while it is open.
        let issued = Authority::open(&context.home)?.issued()?;
        match meant(&issued, args, Clock::system().now()) {
            0 => {}
            count => confirm(&about(args, count))?,
        }
    }
    let authority = Authority::open(&context.home)?;
    let revoked = authority.revoke(&args.platform, args.serial.as_deref())?;
    show(context, revoked.into_iter())
}

/// How many of those in force would be revoked.
fn meant(issued: &[Issued], args: &RevokeArgs, at: Instant) -> usize {
    let serial = args.serial.as_deref();
    let its = |it: &&Issued| {
        it.platform_id == args.platform.as_str()
            && serial.is_none_or(|serial| it.serial.eq_ignore_ascii_case(serial))
            && it.is_in_force(at)
    };
    issued.iter().filter(its).count()
}

/// What revoking does, before it is done.
fn about(args: &RevokeArgs, count: usize) -> String {
    let platform = &args.platform;
    match &args.serial {
        Some(serial) => {
            words::ABOUT_TO_REVOKE_ONE.with(&[("platform", platform), ("serial", serial)])
        }
        None => words::ABOUT_TO_REVOKE.with(&[("platform", platform), ("count", &count)]),
    }
}

fn show(context: &mut Context, issued: impl Iterator<Item = Issued>) -> Result<(), Failure> {
    let mut listing = context.out.list("certificates", COLUMNS);
    for one in issued {
        listing.row(cells(one))?;
    }
    listing.finish(&[])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_about_are_the_platforms_own_certificates_that_still_hold() {
        let now = Clock::system().now();
        let alpha = PlatformId::parse("alpha-mall").unwrap();
        let one = |serial: &str, platform_id: &str, left: Duration, revoked_at| Issued {
            serial: serial.to_owned(),
            platform_id: platform_id.to_owned(),
            issued_at: now - Duration::days(9),
            ends_at: now + left,
            revoked_at,
        };
        let day = Duration::days(1);
        let issued = [
            one("0a", "alpha-mall", day, None),
            one("0b", "alpha-mall", day, None),
            one("0c", "alpha-mall", -day, None),
            one("0d", "alpha-mall", day, Some(now)),
            one("0e", "beta-mall", day, None),
        ];
        let args = |serial: Option<&str>| RevokeArgs {
            platform: alpha.clone(),
            serial: serial.map(str::to_owned),
            all: serial.is_none(),
        };
        for (serial, count, told) in [
            (None, 2, "2 certificates of alpha-mall"),
            (Some("0A"), 1, "certificate 0A of alpha-mall"),
            (Some("0d"), 0, ""),
            (Some("0e"), 0, ""),
        ] {
            let args = args(serial);
            assert_eq!(meant(&issued, &args, now), count, "{serial:?}");
            assert!(about(&args, count).contains(told), "{serial:?}");
        }
    }
}
