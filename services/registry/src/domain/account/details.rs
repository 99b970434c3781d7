//! What an account is: whose, at which bank, in which name.

use gazelle_kernel::{
    Actor, Explanation, ParseError, PayeeId,
    account::{self, AccountNumber, BankCode, LastFour},
    text,
};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The name that an account is in, as payment files have it: trimmed, in Unicode NFKC.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct HolderName(Box<str>);

impl HolderName {
    /// Reads a name in any width; anything else is refused as `TEXT_INVALID`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        account::parse_name(&text::normalized(text)).map(|name| Self(name.into()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A bank's name for people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct BankName(Box<str>);

impl BankName {
    /// Reads a name; anything else is refused as `TEXT_INVALID`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        account::parse_name(text).map(|name| Self(name.into()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An account of a payee's; what is proposed and confirmed, or with `LastFour` what a list shows
/// of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Account<Number = AccountNumber> {
    pub payee_id: PayeeId,
    /// In which name it is.
    pub holder: HolderName,
    pub number: Number,
    pub bank_code: BankCode,
    pub bank_name: BankName,
    /// On what a holder is accepted that is not the payee's registered name.
    pub name_exception_evidence: Option<Explanation>,
}

/// Why an account's holder is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameRefused {
    /// It is not the payee's registered name, and there is no evidence.
    Mismatch {
        /// The holder that was given.
        holder: HolderName,
        /// What the payee is registered under.
        registered: Box<str>,
    },
    /// It is the payee's registered name, and there is evidence for an exception.
    EvidenceNotNeeded,
}

/// An account as the trail of changes shows it: without its number, but with a digest by which
/// whoever has the number and the salt can prove it.
#[derive(Debug, Serialize)]
pub struct AccountContent<'a> {
    payee_id: &'a PayeeId,
    version: i32,
    proposed_by: &'a Actor,
    account_name: &'a HolderName,
    account_number_last_four: &'a str,
    bank_code: &'a BankCode,
    bank_name: &'a BankName,
    name_exception_evidence: Option<&'a Explanation>,
    account_sha256: String,
}

impl Account {
    /// Whether a list shows it like this.
    #[must_use]
    pub fn is_shown_as(&self, shown: &Account<LastFour>) -> bool {
        self.payee_id == shown.payee_id
            && self.holder == shown.holder
            && self.number.last_four() == shown.number.as_str()
            && self.bank_code == shown.bank_code
            && self.bank_name == shown.bank_name
            && self.name_exception_evidence == shown.name_exception_evidence
    }

    /// Accepts an account whose holder is the payee's registered name, or another one on evidence;
    /// evidence for any other account is refused.
    pub fn accept_holder(&self, registered: &str) -> Result<(), NameRefused> {
        let is_registered = *self.holder.0 == *text::normalized(registered);
        match (is_registered, &self.name_exception_evidence) {
            (true, None) | (false, Some(_)) => Ok(()),
            (true, Some(_)) => Err(NameRefused::EvidenceNotNeeded),
            (false, None) => Err(NameRefused::Mismatch {
                holder: self.holder.clone(),
                registered: registered.into(),
            }),
        }
    }

    /// What the trail of changes shows of the account as a payee's version.
    #[must_use]
    pub fn content<'a>(
        &'a self,
        version: i32,
        proposed_by: &'a Actor,
        salt: &[u8],
    ) -> AccountContent<'a> {
        let mut hash = Sha256::new_with_prefix(salt);
        for part in [
            self.payee_id.as_str(),
            self.holder.as_str(),
            self.number.as_str(),
            self.bank_code.as_str(),
        ] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        AccountContent {
            payee_id: &self.payee_id,
            version,
            proposed_by,
            account_name: &self.holder,
            account_number_last_four: self.number.last_four(),
            bank_code: &self.bank_code,
            bank_name: &self.bank_name,
            name_exception_evidence: self.name_exception_evidence.as_ref(),
            account_sha256: hex::encode(hash.finalize()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(holder: &str, evidence: Option<&str>) -> Account {
        Account {
            payee_id: PayeeId::parse("91330100799655058B").expect("a payee"),
            holder: HolderName::parse(holder).expect("a name"),
            number: AccountNumber::parse("6222020200012345678").expect("a number"),
            bank_code: BankCode::parse("102100099996").expect("a code"),
            bank_name: BankName::parse("工商银行").expect("a name"),
            name_exception_evidence: evidence.map(|e| Explanation::parse(e).expect("evidence")),
        }
    }

    #[test]
    fn a_holder_is_the_registered_name_in_any_width_or_needs_evidence() {
        let registered = "Alpha (杭州)";
        for holder in ["Alpha (杭州)", " Ａｌｐｈａ\u{3000}（杭州） "] {
            assert_eq!(account(holder, None).accept_holder(registered), Ok(()));
            let evidence = account(holder, Some("seen")).accept_holder(registered);
            assert_eq!(evidence, Err(NameRefused::EvidenceNotNeeded));
        }
        for holder in ["Alpha（杭州）x", "alpha (杭州)", "Alpha(杭州)"] {
            let refused = account(holder, None).accept_holder(registered);
            assert!(
                matches!(refused, Err(NameRefused::Mismatch { .. })),
                "{holder}"
            );
            assert_eq!(
                account(holder, Some("seen")).accept_holder(registered),
                Ok(())
            );
        }
    }

    #[test]
    fn the_trail_shows_four_characters_of_the_number_and_a_digest_of_it_all() {
        let account = account("Alpha", None);
        let by = Actor::new("person:alice");
        let json = |salt| serde_json::to_string(&account.content(1, &by, salt)).expect("JSON");
        let shown = json(b"salt");
        assert!(shown.contains(r#""account_number_last_four":"5678""#) && !shown.contains("0123"));
        assert_ne!(shown, json(b"other"));
    }
}
