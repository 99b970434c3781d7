//! Files that change.

use std::future::poll_fn;

use super::*;

#[tokio::test]
async fn a_new_certificate_is_shown_within_seconds_and_a_broken_one_never() {
    let files = ServerFiles::new();
    let port = files.serve(&files.config(), LimitsConfig::default()).await;
    let first = files.shown(&port).await;
    let mut before = files
        .connect(&port, None, &[&rustls::version::TLS13])
        .await
        .unwrap();
    assert_eq!(say(&mut before).await.unwrap(), "nobody");

    // A certificate without its key, and half of one.
    let next = files.servers.certify(server());
    files.write("tls.crt", &next.certificate);
    assert_eq!(files.shown(&port).await, first);
    files.write("tls.crt", &next.certificate[..100]);
    assert_eq!(files.shown(&port).await, first);

    files.show(&next);
    assert_ne!(files.shown(&port).await, first);
    assert_eq!(say(&mut before).await.unwrap(), "nobody", "it lives on");
}

#[tokio::test]
async fn a_connection_ends_when_its_certificate_is_revoked_or_its_authority_gone() {
    let files = ServerFiles::new();
    let port = files.serve(&files.config(), LimitsConfig::default()).await;
    let versions = [&rustls::version::TLS13];
    let (bad, good) = (files.certify(|_| {}), files.certify(|_| {}));
    let mut ends = files.connect(&port, Some(&bad), &versions).await.unwrap();
    let mut stays = files.connect(&port, Some(&good), &versions).await.unwrap();
    for stream in [&mut ends, &mut stays] {
        assert_eq!(say(stream).await.unwrap(), "platform:alpha");
    }

    files.write("crl.pem", &files.clients.revoked(&[&bad], until_tomorrow()));
    let ended = timeout(FOREVER, ends.read(&mut [0; 1])).await.unwrap();
    assert!(matches!(ended, Err(_) | Ok(0)), "{ended:?}");
    assert_eq!(say(&mut stays).await.unwrap(), "platform:alpha");
    files.greet(&port, Some(&bad)).await.unwrap_err();

    // Of a list that has become old it is known as much as before.
    let long_ago = now() - time::Duration::HOUR;
    files.write("crl.pem", &files.clients.revoked(&[&bad], long_ago));
    files.greet(&port, Some(&good)).await.unwrap_err();
    assert_eq!(say(&mut stays).await.unwrap(), "platform:alpha");

    files.write("clients-ca.pem", &Authority::new("next").pem);
    let ended = timeout(FOREVER, stays.read(&mut [0; 1])).await.unwrap();
    assert!(matches!(ended, Err(_) | Ok(0)), "{ended:?}");
    port.counted("ENDED").await;
}

#[tokio::test]
async fn a_client_of_ours_shows_what_its_files_have_now() {
    let files = ServerFiles::new();
    let port = files.serve(&files.config(), LimitsConfig::default()).await;
    files.write("servers-ca.pem", &files.servers.pem);
    let beta = "spiffe://gazelle.example/platform/beta";
    let show = |certified: &Certified| {
        let both = format!("{}{}", certified.certificate, certified.key);
        files.write("client.pem", &both);
    };
    show(&files.certify(|_| {}));
    let trusted = TlsFiles {
        ca: Some(files.file("servers-ca.pem")),
        identity: Some((files.file("client.pem"), files.file("client.pem"))),
    };
    let url = format!("https://{}", port.address);
    let mut channel = channel(&url, &trusted, FOREVER).unwrap();
    let mut connected = async |actor: &str| {
        // The port speaks no HTTP; that there is a connection of theirs is enough.
        let request = http::Request::new(tonic::body::Body::default());
        let ready = poll_fn(|context| tower::Service::poll_ready(&mut channel, context));
        ready.await.unwrap();
        let call = tower::Service::call(&mut channel, request);
        let call: JoinHandle<_> = tokio::spawn(call);
        let seen = async {
            while !port.seen.lock().iter().any(|it| it == actor) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(FOREVER, seen).await.unwrap();
        call.abort();
    };
    connected("platform:alpha").await;
    show(&files.clients.certify(client(beta)));
    connected("platform:beta").await;
}

#[tokio::test]
async fn the_first_end_of_each_kind_is_known_and_follows_the_files() {
    let files = ServerFiles::new();
    let port = files.serve(&files.config(), LimitsConfig::default()).await;
    let day = |count: i64| now() + time::Duration::days(count);
    let ends = |days: [i64; 3]| {
        let [certificate, authority, list] = days.map(|count| Some(day(count).unix_timestamp()));
        (certificate, authority, list)
    };
    let known = || {
        let ends = port.tls.set.current().ends;
        (ends.certificate, ends.authority, ends.revocation_list)
    };
    let near = |one: Option<i64>, other: Option<i64>| one.unwrap().abs_diff(other.unwrap()) < 600;

    let next = Authority::until("next", day(3));
    files.write(
        "clients-ca.pem",
        &format!("{}{}", files.clients.pem, next.pem),
    );
    let lists = [
        next.revoked(&[], day(5)),
        files.clients.revoked(&[], day(9)),
    ];
    files.write("crl.pem", &lists.concat());
    let mut params = server();
    params.not_after = day(7);
    files.show(&files.servers.certify(params));

    let (expected, known) = (ends([7, 3, 5]), known());
    assert!(near(known.0, expected.0), "{known:?}");
    assert!(near(known.1, expected.1), "{known:?}");
    assert!(near(known.2, expected.2), "{known:?}");
}
