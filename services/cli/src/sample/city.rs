//! Who lives in the city: enterprises, filings, shops, suspensions, enrollments.

use std::collections::HashSet;

use gazelle_kernel::Uscc;

use super::YEAR;
use super::code::uscc;
use super::random::Random;

pub(super) struct Enterprise {
    pub(super) uscc: Uscc,
    pub(super) name: String,
    pub(super) district: &'static str,
    pub(super) industry: &'static str,
    pub(super) established_on: String,
}

/// A filing, money in fen.
pub(super) struct Filing {
    pub(super) uscc: Uscc,
    pub(super) fiscal_year: i32,
    pub(super) headcount: i64,
    pub(super) revenue_fen: i64,
    pub(super) assets_fen: i64,
}

/// A shop: its account on a platform, and what it is like.
pub(super) struct Shop {
    /// Index into [`PLATFORMS`](super::PLATFORMS).
    pub(super) platform: usize,
    pub(super) merchant_id: String,
    /// Pays a membership fee every month.
    pub(super) member: bool,
}

/// Who owns a shop, from a day to a day.
pub(super) struct Binding {
    pub(super) platform: usize,
    pub(super) merchant_id: String,
    pub(super) uscc: Uscc,
    pub(super) from: String,
    pub(super) to: String,
}

pub(super) struct Suspension {
    pub(super) uscc: Uscc,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) reason: &'static str,
}

pub(super) struct Enrollment {
    pub(super) program: &'static str,
    pub(super) uscc: Uscc,
    pub(super) applied_at: String,
    pub(super) from: String,
    pub(super) to: String,
}

pub(super) struct City {
    pub(super) enterprises: Vec<Enterprise>,
    pub(super) filings: Vec<Filing>,
    pub(super) shops: Vec<Shop>,
    pub(super) bindings: Vec<Binding>,
    pub(super) suspensions: Vec<Suspension>,
    pub(super) enrollments: Vec<Enrollment>,
}

/// District code, name, and how many of a thousand enterprises are there.
const DISTRICTS: &[(&str, &str, u64)] = &[
    ("330102", "杭州上城", 110),
    ("330105", "杭州拱墅", 110),
    ("330106", "杭州西湖", 130),
    ("330108", "杭州滨江", 110),
    ("330109", "杭州萧山", 120),
    ("330110", "杭州余杭", 140),
    ("330111", "杭州富阳", 40),
    ("330112", "杭州临安", 40),
    ("330113", "杭州临平", 70),
    ("330114", "杭州钱塘", 50),
    ("330122", "桐庐", 15),
    ("330127", "淳安", 10),
    ("330182", "建德", 15),
    ("330203", "宁波海曙", 12),
    ("330302", "温州鹿城", 10),
    ("330402", "嘉兴南湖", 8),
    ("310104", "上海徐汇", 6),
    ("320505", "苏州虎丘", 4),
];

/// Industry code, how a name says it, and how many of a thousand.
const INDUSTRIES: &[(&str, &str, u64)] = &[
    ("5292", "电子商务", 330),
    ("5212", "百货", 80),
    ("5132", "服饰", 130),
    ("5127", "茶叶", 40),
    ("1530", "茶业", 30),
    ("1819", "服装", 70),
    ("1751", "丝绸", 40),
    ("2439", "工艺品", 40),
    ("1411", "食品", 40),
    ("6210", "餐饮", 50),
    ("6129", "酒店", 20),
    ("6513", "软件", 60),
    ("7251", "广告", 30),
    ("5920", "仓储", 15),
    ("0164", "茶园", 15),
    ("4720", "建筑", 10),
];

const FIRST: &[&str] = &[
    "钱江", "西泠", "灵隐", "龙井", "断桥", "孤山", "南屏", "雷峰", "吴山", "凤凰", "玉皇", "湘湖",
    "运河", "武林", "湖滨", "九溪", "云栖", "虎跑", "满陇", "花港", "曲院", "平湖", "苏堤", "白堤",
    "宝石", "良渚", "径山", "塘栖", "富春", "天目",
];
const SECOND: &[&str] = &[
    "春晓", "和顺", "百味", "锦绣", "云起", "恒信", "盛世", "同泰", "致远", "星辰", "万家", "嘉禾",
    "乐居", "清风", "明月", "瑞丰", "新程", "优选", "聚源", "启航", "德盛", "雅集", "良品", "汇通",
    "安吉", "福临", "天成", "立信", "鸿运", "青禾",
];
const FORMS: &[&str] = &[
    "有限公司",
    "有限公司",
    "有限公司",
    "股份有限公司",
    "合伙企业（有限合伙）",
];

const REASONS: &[&str] = &[
    "列入严重失信主体名单",
    "欠缴税款, \"重大\"",
    "提供虚假申报材料",
    "listed for a serious breach of trust",
];

/// Parts of the seed.
const ENTERPRISES: u64 = 1;
const SHOPS: u64 = 2;
const SUPPORT: u64 = 3;

impl City {
    pub(super) fn generate(seed: u64, count: u32) -> Self {
        let mut random = Random::new(seed, ENTERPRISES);
        let mut codes = HashSet::new();
        let mut city = Self {
            enterprises: Vec::new(),
            filings: Vec::new(),
            shops: Vec::new(),
            bindings: Vec::new(),
            suspensions: Vec::new(),
            enrollments: Vec::new(),
        };
        while city.enterprises.len() < count as usize {
            let enterprise = enterprise(&mut random);
            if codes.insert(enterprise.uscc) {
                file(&mut random, &enterprise, &mut city.filings);
                city.enterprises.push(enterprise);
            }
        }
        let mut random = Random::new(seed, SHOPS);
        for index in 0..city.enterprises.len() {
            city.open_shops(&mut random, index);
        }
        let mut random = Random::new(seed, SUPPORT);
        for index in 0..city.enterprises.len() {
            city.suspend(&mut random, index);
            city.enroll(&mut random, index);
        }
        city
    }

    /// Most have a shop on one platform, some on both. A few shops nobody is bound to, a few are
    /// bound late, and a few change hands within the year.
    fn open_shops(&mut self, random: &mut Random, index: usize) {
        let owner = self.enterprises[index].uscc;
        let platforms: &[usize] = match random.below(10) {
            0..5 => &[0],
            5..8 => &[1],
            _ => &[0, 1],
        };
        for &platform in platforms {
            let merchant_id = format!("{}-{:06}", ["a", "b"][platform], index + 1);
            let bind = |uscc, from: String, to: String| Binding {
                platform,
                merchant_id: merchant_id.clone(),
                uscc,
                from,
                to,
            };
            let start = format!("{}-01-01", YEAR - 1);
            match random.below(100) {
                0..2 => {}
                2..4 => {
                    let from = date(random, 2, 6);
                    self.bindings.push(bind(owner, from, String::new()));
                }
                4..6 => {
                    let sold_on = date(random, 4, 9);
                    let buyer = random.pick(&self.enterprises).uscc;
                    self.bindings.push(bind(owner, start, sold_on.clone()));
                    self.bindings.push(bind(buyer, sold_on, String::new()));
                }
                _ => self.bindings.push(bind(owner, start, String::new())),
            }
            let member = random.chance(250);
            self.shops.push(Shop {
                platform,
                merchant_id,
                member,
            });
        }
    }

    fn suspend(&mut self, random: &mut Random, index: usize) {
        if random.chance(985) {
            return;
        }
        let to = if random.chance(500) {
            date(random, 9, 12)
        } else {
            String::new()
        };
        self.suspensions.push(Suspension {
            uscc: self.enterprises[index].uscc,
            from: date(random, 1, 8),
            to,
            reason: random.pick::<&str>(REASONS),
        });
    }

    fn enroll(&mut self, random: &mut Random, index: usize) {
        let Enterprise { uscc, district, .. } = self.enterprises[index];
        let applied_at = format!(
            "{}-{:02}-{:02}T{:02}:{:02}:{:02}+08:00",
            YEAR - 1,
            random.between(10, 12),
            random.between(1, 28),
            random.between(9, 17),
            random.between(0, 59),
            random.between(0, 59)
        );
        let mut enroll = |program, from: String, to: String| {
            let applied_at = applied_at.clone();
            self.enrollments.push(Enrollment {
                program,
                uscc,
                applied_at,
                from,
                to,
            });
        };
        let [share, relief, pioneers] = super::PROGRAM_IDS;
        let new_year = format!("{YEAR}-01-01");
        match random.below(100) {
            0..8 => {}
            8..14 => enroll(share, date(random, 2, 6), String::new()),
            14..17 => enroll(share, new_year.clone(), date(random, 8, 11)),
            _ => enroll(share, new_year.clone(), String::new()),
        }
        if random.chance(850) {
            enroll(relief, new_year.clone(), String::new());
        }
        if district == "330108" && random.chance(700) {
            enroll(pioneers, new_year, String::new());
        }
    }
}

fn enterprise(random: &mut Random) -> Enterprise {
    let &(district, place, _) = weighted(random, DISTRICTS);
    let &(industry, trade, _) = weighted(random, INDUSTRIES);
    let (first, second) = (random.pick(FIRST), random.pick(SECOND));
    let form = random.pick(FORMS);
    Enterprise {
        uscc: uscc(random, district),
        name: format!("{place}{first}{second}{trade}{form}"),
        district,
        industry,
        established_on: format!(
            "{}-{:02}-{:02}",
            random.between(1998, i64::from(YEAR) - 2),
            random.between(1, 12),
            random.between(1, 28)
        ),
    }
}

fn weighted<'a>(random: &mut Random, from: &'a [(&str, &str, u64)]) -> &'a (&'a str, &'a str, u64) {
    let mut left = random.below(from.iter().map(|(_, _, weight)| weight).sum());
    for choice in from {
        if left < choice.2 {
            return choice;
        }
        left -= choice.2;
    }
    unreachable!("the number is below the sum of the weights")
}

const FEN_PER_10_000_YUAN: i64 = 1_000_000;

/// Mostly the two fiscal years before, sometimes one of them, sometimes none; some exactly at a
/// bound of the national standard, or just below it.
fn file(random: &mut Random, enterprise: &Enterprise, filings: &mut Vec<Filing>) {
    // Persons, and revenue in 10,000 yuan.
    let (headcount, revenue) = match random.below(100) {
        0..55 => (random.between(1, 9), random.between(5, 400)),
        55..85 => (random.between(10, 49), random.between(100, 480)),
        85..94 => (random.between(50, 280), random.between(500, 15_000)),
        94..97 => (random.between(300, 2_000), random.between(20_000, 300_000)),
        97 => (10, 100),
        98 => (50, 500),
        _ => (300, 20_000),
    };
    let just_below = i64::from(random.chance(10));
    let revenue_fen = revenue * FEN_PER_10_000_YUAN - just_below;
    let years: &[i32] = match random.below(100) {
        0..3 => &[],
        3..8 => &[YEAR - 2],
        8..50 => &[YEAR - 1],
        _ => &[YEAR - 2, YEAR - 1],
    };
    for &fiscal_year in years {
        let part = if fiscal_year == YEAR - 1 {
            100
        } else {
            random.between(60, 110)
        };
        filings.push(Filing {
            uscc: enterprise.uscc,
            fiscal_year,
            headcount: (headcount * part / 100).max(1),
            revenue_fen: revenue_fen / 100 * part + revenue_fen % 100 * part / 100,
            assets_fen: revenue_fen / 100 * random.between(30, 120),
        });
    }
}

/// A day of the year in one of those months.
fn date(random: &mut Random, first_month: i64, last_month: i64) -> String {
    let (month, day) = (
        random.between(first_month, last_month),
        random.between(1, 28),
    );
    format!("{YEAR}-{month:02}-{day:02}")
}
