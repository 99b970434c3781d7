//! Enrollments, and what became of them, as messages.

use gazelle_kernel::batch::Rejection;
use gazelle_proto::{
    optional, reason,
    settlement::v1::{self as pb, ErrorReason},
    time::timestamp,
};

use crate::domain::enrollment::{Enrollment, EnrollmentRefused, JudgedEnrollments};

#[must_use]
pub fn enrollment(enrollment: &Enrollment) -> pb::Enrollment {
    pb::Enrollment {
        program_id: enrollment.program_id.to_string(),
        uscc: enrollment.uscc.to_string(),
        applied_at: Some(timestamp(enrollment.applied_at)),
        effective_from: enrollment.effective.from().to_string(),
        effective_to: optional::text(enrollment.effective.to()),
    }
}

/// What became of a batch.
#[must_use]
pub fn imported(judged: &JudgedEnrollments) -> pb::ImportResult {
    pb::ImportResult {
        created_count: count(judged.created_count()),
        changed_count: count(judged.replacing_at.len()),
        unchanged_count: count(judged.unchanged_count),
        rejections: judged.rejections.iter().map(rejection).collect(),
        changed_indexes: judged.replacing_at.iter().copied().map(count).collect(),
    }
}

fn rejection(rejection: &Rejection<EnrollmentRefused>) -> pb::Rejection {
    let (reason, field) = match &rejection.refusal {
        EnrollmentRefused::Field { field, error } => (error.reason(), *field),
        EnrollmentRefused::ProgramNotFound(_) => (name(ErrorReason::ProgramNotFound), "program_id"),
        EnrollmentRefused::Overlap { .. } => (name(ErrorReason::EnrollmentOverlap), ""),
        EnrollmentRefused::RepeatedInBatch => (name(ErrorReason::RepeatedInBatch), ""),
    };
    pb::Rejection {
        index: count(rejection.index),
        reason: reason.into(),
        field: field.into(),
        message: rejection.refusal.to_string(),
    }
}

fn name(reason: ErrorReason) -> &'static str {
    reason::bare(reason.as_str_name())
}

/// A count of items of a batch, which has at most a thousand.
fn count(items: usize) -> i32 {
    i32::try_from(items).expect("a batch is small")
}
