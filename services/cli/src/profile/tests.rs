use super::*;

fn home() -> (tempfile::TempDir, Home) {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::new(Some(folder.path().into())).unwrap();
    (folder, home)
}

#[test]
fn a_profile_is_read_as_it_was_saved() {
    let (_folder, home) = home();
    let profile = Profile {
        subject: "alice".into(),
        roles: vec!["officer".into()],
        endpoints: Place::File("endpoints.json".into()),
        credential: Credential::TokenFile("token".into()),
    };
    home.save_profile("alice", &profile).unwrap();
    assert_eq!(home.profile("alice").unwrap(), Some(profile));
    assert_eq!(home.profile_names().unwrap(), ["alice"]);
}

#[test]
fn a_profile_name_is_never_a_path() {
    let (_folder, home) = home();
    for name in ["../endpoints", "a/b", ".hidden", "", "a\0"] {
        assert_eq!(home.profile(name).unwrap(), None, "{name:?}");
    }
}

#[tokio::test]
async fn nobody_is_anybody_before_the_suite_was_started() {
    let (_folder, home) = home();
    for name in ["admin", "platform:alpha-mall", "stranger"] {
        assert_eq!(
            home.caller(name).await.unwrap_err().reason(),
            "NO_SUITE",
            "{name}"
        );
    }
    for kind in Kind::ALL {
        assert!(!home.key_file(kind).exists(), "asking must not make a key");
    }
}

#[test]
fn whoever_says_nothing_is_told_who_there_is_and_that_it_was_bad_usage() {
    let (_folder, home) = home();
    assert_eq!(home.nobody_chosen().reason(), "NO_SUITE");
    for name in ["officer", "approver"] {
        let profile = Profile {
            subject: name.into(),
            roles: Vec::new(),
            endpoints: Place::File("endpoints.json".into()),
            credential: Credential::HomeKey,
        };
        home.save_profile(name, &profile).unwrap();
    }
    let failure = home.nobody_chosen();
    assert!(failure.is_bad_usage());
    let told = failure.to_string();
    assert!(told.contains("there are approver, officer and platform:ID"));
    assert!(told.contains("--as"), "{told}");
}

#[test]
fn an_added_profile_is_the_platform_that_its_token_names_and_else_the_one_it_was_added_for() {
    let (folder, home) = home();
    let token = |sub: &str| {
        use base64::Engine as _;
        let claims = format!("{{\"sub\":\"{sub}\"}}");
        let claims = base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(claims);
        fs::write(folder.path().join("token"), format!("e30.{claims}.e30")).unwrap();
    };
    let mut profile = Profile {
        subject: "my-tok".into(),
        roles: Vec::new(),
        endpoints: Place::File("endpoints.json".into()),
        credential: Credential::TokenFile("token".into()),
    };
    home.save_profile("my-tok", &profile).unwrap();
    let platform = |name| home.platform(Some(name)).map(|id| id.to_string());
    assert_eq!(platform("my-tok"), None);
    assert!(home.signs("platform:alpha") && !home.signs("my-tok"));
    token("platform:my-shop");
    assert_eq!(platform("my-tok").as_deref(), Some("my-shop"));
    token("alice");
    assert_eq!(home.subject("my-tok").as_deref(), Some("alice"));
    assert_eq!(platform("my-tok"), None);
    fs::write(folder.path().join("token"), "opaque").unwrap();
    profile.subject = "platform:other-shop".into();
    home.save_profile("my-tok", &profile).unwrap();
    assert_eq!(platform("my-tok").as_deref(), Some("other-shop"));
    assert_eq!(platform("platform:alpha").as_deref(), Some("alpha"));
    assert_eq!(platform("admin"), None);
}

#[tokio::test]
async fn a_stranger_is_told_who_there_is() {
    let (_folder, home) = home();
    let profile = Profile {
        subject: "admin".into(),
        roles: Vec::new(),
        endpoints: Place::File("endpoints.json".into()),
        credential: Credential::HomeKey,
    };
    home.save_profile("admin", &profile).unwrap();
    assert!(home.signs("admin"));
    let failure = home.caller("stranger").await.unwrap_err();
    assert_eq!(failure.reason(), "UNKNOWN_PROFILE");
    assert!(failure.to_string().contains("admin"));
}
