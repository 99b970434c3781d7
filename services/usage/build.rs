//! Migrations are embedded by `sqlx::migrate!`; cargo must see new ones.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
