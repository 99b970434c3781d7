//! What staff are told when they are refused. It repeats what they sent, and beyond that nothing of
//! an enterprise: no name, code, account, bank, shop or amount, whatever their role may read
//! elsewhere; a refusal is written into tickets and chats. `NEEDED` has the exceptions.

use std::collections::BTreeSet;

use gazelle_proto::access::RULES;
use gazelle_proto::registry::v1::{
    ConfirmPaymentAccountsRequest, Enterprise, Filing, MerchantBinding, PaymentAccount,
    PutMerchantBindingsRequest, PutPaymentAccountsRequest,
};
use gazelle_proto::settlement::v1::{
    AnswerFormat, ApproveRunRequest, ComputeRunRequest, Enrollment, PaymentOrder,
    PrepareOrderRequest, PutEnrollmentsRequest, RaiseObjectionRequest, ReleaseOrderRequest, Run,
    TakeAnswerRequest,
};
use gazelle_proto::usage::v1::SealPeriodRequest;
use gazelle_runtime::auth::Role;
use gazelle_runtime::clock::Clock;
use gazelle_tests::city::{City, at_once, micro, program, shopkeeper};
use gazelle_tests::contract::Contract;
use gazelle_tests::fresh;
use gazelle_tests::payments::prepare;
use gazelle_tests::raw::Raw;
use gazelle_tests::refusal::reason;
use gazelle_tests::report::{fee, report_all, state};
use gazelle_tests::suite::{Suite, person};
use prost::Message;
use tonic::Status;

const NAME: &str = "西湖区第七叶庄";
const BANK: &str = "样例银行第七支行";
const NUMBER: &str = "6222976543213976543";
const SHOP: &str = "planted-shop";
const FEE_FEN: i64 = 9_765_432;
const REVENUE_FEN: i64 = 49_876_543;
const PERIOD: &str = "2017-01";

/// What a refusal for a reason may tell a role that it did not send, and why.
const NEEDED: [(&str, Role, &str); 3] = [
    // Whose binding has to be ended first; the registrar keeps it.
    ("BINDING_OVERLAP", Role::Registrar, "code"),
    // What the holder's name was compared with; the registrar keeps it.
    ("ACCOUNT_NAME_MISMATCH", Role::Registrar, "name"),
    // Whose account is another than in the order; the approver looks at it again.
    ("ACCOUNT_CHANGED", Role::Approver, "code"),
];

/// Reasons that must have been seen, or nothing was proved.
const SEEN: &str = "\
    ACCOUNT_CHANGED ACCOUNT_NAME_MISMATCH ACCOUNT_NOT_FOUND ACCOUNT_NOT_PROPOSED \
    ANSWER_UNREADABLE BINDING_OVERLAP DIGEST_MISMATCH ENROLLMENT_OVERLAP ENTERPRISE_NOT_FOUND \
    ENTERPRISE_NOT_IN_RUN INVALID_FIELD NOT_STATED OBJECTION_EXISTS OBJECTION_OPEN \
    ORDER_NOT_FOUND ORDER_OPEN PERMISSION_DENIED PLATFORM_NOT_FOUND PROGRAM_NOT_FOUND \
    RUN_NOT_FOUND RUN_OPEN STATEMENT_MISMATCH";

/// What fields have, by their name.
type Fields<'a> = &'a dyn Fn(&str) -> Option<String>;

/// An enterprise with all that a city knows of one, and another beside it.
struct KnownEnterprise<'a> {
    city: City<'a>,
    platform: String,
    program: String,
    code: String,
    other: String,
    run: Run,
    order: PaymentOrder,
}

impl<'a> KnownEnterprise<'a> {
    async fn found(suite: &'a Suite) -> Self {
        let city = City::on(suite);
        let (platform, id) = (fresh::platform("mall"), fresh::program("share"));
        let (code, other) = (fresh::uscc(), city.micro_enterprise().await);
        let enterprise = Enterprise {
            name: NAME.to_owned(),
            ..shopkeeper(&code)
        };
        city.register(vec![enterprise]).await;
        let filing = Filing {
            annual_revenue_fen: REVENUE_FEN,
            ..micro(&code, 2016)
        };
        city.file(vec![filing]).await;
        let mut shares = program(&id, &[&platform]);
        shares.budgets = vec![at_once(100_000_000)];
        city.apply(shares).await.unwrap();
        for (minute, (shop, uscc)) in [(SHOP, &code), ("other-shop", &other)]
            .into_iter()
            .enumerate()
        {
            city.bind(&platform, shop, uscc).await;
            city.enroll(&id, uscc, u32::try_from(minute).unwrap()).await;
        }
        let mut world = Self {
            city,
            platform,
            program: id,
            code,
            other,
            run: Run::default(),
            order: PaymentOrder::default(),
        };
        world.settle().await;
        world
    }

    /// A month is settled, with an account and a prepared order; the next waits, on notice.
    async fn settle(&mut self) {
        let Self {
            city,
            platform,
            program,
            ..
        } = &*self;
        let day = "2017-01-05";
        let records = [
            fee("planted-record", SHOP, "COMMISSION", day, FEE_FEN),
            fee("other-record", "other-shop", "COMMISSION", day, 1_000),
        ];
        city.seal_period(platform, PERIOD, &records).await;
        city.settle(program, 2017, PERIOD).await;
        self.propose(NUMBER).await;
        self.confirm().await;
        let order = prepare(&city.officer, program).await.unwrap();
        let records = [fee("next", SHOP, "COMMISSION", "2017-02-05", 1_000)];
        city.seal_period(platform, "2017-02", &records).await;
        let run = city.compute(program, 2017, "2017-02").await.unwrap();
        let run = city.publish(&run).await.unwrap();
        let day = "2017-03-05";
        // What an officer compares to seal is a sum.
        let march = [
            fee("march", SHOP, "COMMISSION", day, FEE_FEN),
            fee("march-too", "other-shop", "COMMISSION", day, 1_000),
        ];
        let client = city.suite.platform(platform);
        report_all(&client, platform, "2017-03", &march).await;
        state(&client, platform, "2017-03", 7, 7).await.unwrap();
        let april = [fee("april", SHOP, "COMMISSION", "2017-04-05", 1)];
        report_all(&client, platform, "2017-04", &april).await;
        (self.order, self.run) = (order, run);
    }

    fn account(&self, holder: &str, number: &str) -> PutPaymentAccountsRequest {
        let account = PaymentAccount {
            payee_id: self.code.clone(),
            account_name: holder.to_owned(),
            account_number: number.to_owned(),
            bank_code: "102100099996".to_owned(),
            bank_name: BANK.to_owned(),
            ..PaymentAccount::default()
        };
        PutPaymentAccountsRequest {
            accounts: vec![account],
        }
    }

    async fn propose(&self, number: &str) {
        let mut registry = self.city.registrar.registry.clone();
        let put = registry
            .put_payment_accounts(self.account(NAME, number))
            .await;
        assert_eq!(put.unwrap().into_inner().result.unwrap().rejections, []);
    }

    async fn confirm(&self) {
        let request = ConfirmPaymentAccountsRequest {
            payee_ids: vec![self.code.clone()],
            ..ConfirmPaymentAccountsRequest::default()
        };
        let mut registry = self.city.approver.registry.clone();
        registry.confirm_payment_accounts(request).await.unwrap();
    }

    /// What nobody is told who did not say it, by what it is.
    fn planted(&self) -> [(&'static str, String); 9] {
        let yuan = |fen: i64| format!("{}.{:02}", fen / 100, fen % 100);
        [
            ("name", NAME.to_owned()),
            ("code", self.code.clone()),
            ("bank", BANK.to_owned()),
            ("account", NUMBER.to_owned()),
            ("shop", SHOP.to_owned()),
            ("amount", FEE_FEN.to_string()),
            ("amount", (FEE_FEN / 2).to_string()),
            ("amount", yuan(FEE_FEN / 2)),
            ("revenue", REVENUE_FEN.to_string()),
        ]
    }

    /// What fields have that are named so: everything right, of this enterprise or the other.
    fn right(&self, uscc: &str, field: &str) -> Option<String> {
        let value = match field {
            "platform_id" => &self.platform,
            "program_id" => &self.program,
            "run_id" => &self.run.run_id,
            "order_id" => &self.order.order_id,
            "uscc" | "payee_id" | "payee_ids" => uscc,
            "period" | "through_period" => PERIOD,
            "merchant_id" => "other-shop",
            "digest" => "0000000000000000000000000000000000000000000000000000000000000000",
            "format" | "number" => "1",
            "year" => "2017",
            "statement" | "decision" | "reason" => "because",
            _ => return None,
        };
        Some(value.to_owned())
    }
}

/// A role's way to the services, and what came of its calls.
struct Asker<'a> {
    world: &'a KnownEnterprise<'a>,
    raw: Raw,
    role: Role,
    authorization: String,
    reasons: BTreeSet<String>,
    leaks: Vec<String>,
}

impl<'a> Asker<'a> {
    /// A person of that role, who may be called otherwise.
    fn new(world: &'a KnownEnterprise<'a>, role: Role, subject: &str) -> Self {
        let caller = person(subject, &[role]);
        Self {
            world,
            raw: Raw::new(&world.city.suite.endpoints),
            role,
            authorization: world.city.suite.authorization(&caller),
            reasons: BTreeSet::new(),
            leaks: Vec::new(),
        }
    }

    async fn ask(&mut self, path: &str, message: Vec<u8>) {
        let authorization = Some(&*self.authorization);
        let (reason, told) = match self.raw.ask(path, authorization, message.clone()).await {
            Err(status) => (reason(&status), told(&status)),
            // Items that were refused, and nothing else: reading is what the role may.
            Ok(answer) if path.contains("/Put") => (refused_items(&answer), answer),
            Ok(_) => return,
        };
        for (what, value) in self.world.planted() {
            let is_needed = NEEDED.contains(&(&reason, self.role, what));
            if has(&told, &value) && !has(&message, &value) && !is_needed {
                let text = String::from_utf8_lossy(&told);
                self.leaks
                    .push(format!("{path} tells {:?} the {what}: {text}", self.role));
            }
        }
        self.reasons.insert(reason);
    }

    async fn call(&mut self, service: &str, method: &str, request: impl Message) {
        let path = format!("/gazelle.{service}Service/{method}");
        self.ask(&path, request.encode_to_vec()).await;
    }

    /// Every RPC, with everything right, of nobody, of the other enterprise and of this one; with
    /// what there is not; with nothing; with garbage.
    async fn ask_everything(&mut self) {
        let (contract, world, stranger) = (Contract::read(), self.world, fresh::uscc());
        let nowhere = |field: &str| match field {
            "platform_id" => Some("nowhere".to_owned()),
            "program_id" => Some("nothing".to_owned()),
            "run_id" => Some("00000000-0000-7000-8000-000000000000".to_owned()),
            "order_id" => Some("0".repeat(26)),
            other => world.right(&fresh::uscc(), other),
        };
        let values: [Fields<'_>; 6] = [
            &|field| world.right(&stranger, field),
            &|field| world.right(&world.other, field),
            &|field| world.right(&world.code, field),
            &nowhere,
            &|_| None,
            &|_| Some("-7".to_owned()),
        ];
        for value in values {
            for rule in RULES {
                let mut methods = contract.methods.iter();
                let method = methods.find(|it| it.path == rule.path).unwrap();
                self.ask(rule.path, contract.filled(&method.input, value))
                    .await;
            }
        }
    }
}

/// All that a refusal tells a program or a person.
fn told(status: &Status) -> Vec<u8> {
    let metadata = format!("{} {:?}", status.message(), status.metadata());
    [metadata.as_bytes(), status.details()].concat()
}

/// The reason of the first item that was refused.
fn refused_items(answer: &[u8]) -> String {
    let text = String::from_utf8_lossy(answer);
    let mut words = text.split(|it: char| !(it.is_ascii_uppercase() || it == '_'));
    words.find(|it| it.len() > 9).unwrap_or_default().to_owned()
}

fn has(bytes: &[u8], value: &str) -> bool {
    bytes.windows(value.len()).any(|it| it == value.as_bytes())
}

/// What each role is refused that comes as far as it can.
async fn registrar(asker: &mut Asker<'_>) {
    let world = asker.world;
    let binding = MerchantBinding {
        platform_id: world.platform.clone(),
        merchant_id: SHOP.to_owned(),
        uscc: world.other.clone(),
        bound_from: "2015-01-01".to_owned(),
        bound_to: String::new(),
    };
    let bindings = PutMerchantBindingsRequest {
        bindings: vec![binding],
    };
    asker
        .call("registry.v1.Registry", "PutMerchantBindings", bindings)
        .await;
    for (holder, number) in [("别人", NUMBER), (NAME, "x")] {
        let account = world.account(holder, number);
        asker
            .call("registry.v1.Registry", "PutPaymentAccounts", account)
            .await;
    }
}

async fn officer(asker: &mut Asker<'_>) {
    let world = asker.world;
    for period in ["2017-03", "2017-04"] {
        let seal = SealPeriodRequest {
            platform_id: world.platform.clone(),
            period: period.to_owned(),
            receipt: None,
        };
        asker.call("usage.v1.Usage", "SealPeriod", seal).await;
    }
    let compute = ComputeRunRequest {
        program_id: world.program.clone(),
        through_period: "2017-02".to_owned(),
        ..ComputeRunRequest::default()
    };
    asker.call("settlement.v1.Run", "ComputeRun", compute).await;
    for uscc in [&world.code, &world.code, &world.other] {
        let objection = RaiseObjectionRequest {
            run_id: world.run.run_id.clone(),
            uscc: uscc.clone(),
            statement: "it is more".to_owned(),
        };
        asker
            .call("settlement.v1.Run", "RaiseObjection", objection)
            .await;
    }
    let enrollment = Enrollment {
        program_id: world.program.clone(),
        uscc: world.code.clone(),
        applied_at: gazelle_tests::instant::at("2016-12-02T09:00:00+08:00"),
        effective_from: "2012-01-01".to_owned(),
        effective_to: String::new(),
    };
    let enrollments = PutEnrollmentsRequest {
        enrollments: vec![enrollment],
    };
    asker
        .call("settlement.v1.Program", "PutEnrollments", enrollments)
        .await;
    let order = PrepareOrderRequest {
        program_id: world.program.clone(),
        r#final: true,
    };
    asker
        .call("settlement.v1.Payment", "PrepareOrder", order)
        .await;
    let list = format!(
        "批次号,支付单号,结果,原因\n{},x,成功,",
        world.order.order_id
    );
    for content in ["what", &list] {
        let answer = TakeAnswerRequest {
            format: AnswerFormat::TreasuryCsv.into(),
            content: content.as_bytes().to_vec(),
        };
        asker
            .call("settlement.v1.Payment", "TakeAnswer", answer)
            .await;
    }
}

async fn approver(asker: &mut Asker<'_>) {
    let world = asker.world;
    for digest in [&world.run.digest, &"0".repeat(64)] {
        let approval = ApproveRunRequest {
            run_id: world.run.run_id.clone(),
            digest: digest.clone(),
        };
        asker
            .call("settlement.v1.Run", "ApproveRun", approval)
            .await;
    }
    for (digest, is_changed) in [("0".repeat(64), false), (world.order.digest.clone(), true)] {
        if is_changed {
            // Another account is in force than the one that the order would pay to.
            world.propose("6222000000000000001").await;
            world.confirm().await;
        }
        let release = ReleaseOrderRequest {
            order_id: world.order.order_id.clone(),
            digest,
        };
        asker
            .call("settlement.v1.Payment", "ReleaseOrder", release)
            .await;
    }
}

#[tokio::test]
async fn staff_are_told_nothing_that_they_did_not_say_and_do_not_need() {
    let suite = Suite::start(Clock::system()).await;
    let world = Box::pin(KnownEnterprise::found(&suite)).await;
    let [mut one, mut two, mut three] = [
        (Role::Registrar, "second-registrar"),
        (Role::Officer, "second-officer"),
        (Role::Approver, "second-approver"),
    ]
    .map(|(role, subject)| Asker::new(&world, role, subject));
    registrar(&mut one).await;
    officer(&mut two).await;
    approver(&mut three).await;
    let four = Asker::new(&world, Role::Auditor, "second-auditor");
    let (mut reasons, mut leaks) = (BTreeSet::new(), Vec::new());
    for mut asker in [four, one, two, three] {
        asker.ask_everything().await;
        reasons.append(&mut asker.reasons);
        leaks.append(&mut asker.leaks);
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
    let unseen: Vec<_> = SEEN
        .split_whitespace()
        .filter(|it| !reasons.contains(*it))
        .collect();
    assert!(unseen.is_empty(), "never seen: {unseen:?} of {reasons:?}");
    drop(world);
    suite.stop().await;
}
