//! Enrollments of requests.

use gazelle_kernel::{Instant, Interval, ParseError, ProgramId, Uscc, parse_date};
use gazelle_proto::{optional, settlement::v1 as pb, time::instant};

use crate::domain::enrollment::{Enrollment, EnrollmentItem, EnrollmentRefused};

/// An enrollment, or the first of its fields that is wrong. A code that fails only its outer check
/// is read: whether it was officially issued so, the registry knows.
pub fn enrollment(item: &pb::Enrollment) -> EnrollmentItem {
    let at = |field| move |error| EnrollmentRefused::Field { field, error };
    let from = parse_date(&item.effective_from).map_err(at("effective_from"))?;
    let to = optional::parse(&item.effective_to, parse_date).map_err(at("effective_to"))?;
    Ok(Enrollment {
        program_id: ProgramId::parse(&item.program_id).map_err(at("program_id"))?,
        uscc: Uscc::parse_excepted(&item.uscc).map_err(at("uscc"))?,
        applied_at: applied_at(item).map_err(at("applied_at"))?,
        effective: Interval::new(from, to).map_err(at("effective_to"))?,
    })
}

fn applied_at(item: &pb::Enrollment) -> Result<Instant, ParseError> {
    let missing = || ParseError::new("INSTANT_INVALID", "", "when the enterprise applied");
    instant(item.applied_at.as_ref().ok_or_else(missing)?)
}

#[cfg(test)]
mod tests {
    use gazelle_proto::time::timestamp;

    use super::*;
    use crate::{domain::fixture, grpc::render};

    #[test]
    fn an_application_is_an_instant_and_keeps_its_nanoseconds() {
        let applied_at = fixture::instant("2017-01-01T08:00:00.000000001+08:00");
        let item = pb::Enrollment {
            program_id: "share".into(),
            uscc: "91330100799655058B".into(),
            applied_at: Some(timestamp(applied_at)),
            effective_from: "2017-01-01".into(),
            effective_to: String::new(),
        };
        assert_eq!(
            render::enrollment::enrollment(&enrollment(&item).unwrap()),
            item
        );

        let without = pb::Enrollment {
            applied_at: None,
            ..item
        };
        let Err(EnrollmentRefused::Field { field, .. }) = enrollment(&without) else {
            panic!("an enrollment of no moment");
        };
        assert_eq!(field, "applied_at");
    }
}
