//! Of `gazelle demo`: the story that it tells.

super::catalogue! {
    DEMO_TEXTS;
    HEADLINE_CITY: "A city, its enterprises, two platforms, three programs", "一座城市：企业、两个平台、三个项目";
    GENERATING_CITY: "generating the city", "正在生成城市";
    CITY: "{enterprises} enterprises, {merchants} merchant accounts, {records} usage records of {year} (seed {seed})",
        "{enterprises} 家企业，{merchants} 个商户账号，{year} 年费用记录 {records} 条（种子 {seed}）";
    STARTING_SUITE: "starting the suite", "正在启动服务";
    SUITE_IS_UP: "the suite is up, on a PostgreSQL of its own in {home}",
        "服务已启动，使用 {home} 中自带的 PostgreSQL";
    HEADLINE_ON: "Go on exploring", "继续查看";
    KEPT_IN: "That took {seconds} s. Everything is kept in {home}:", "用时 {seconds} 秒。全部数据保留在 {home}：";
    OTHER_TERMINAL: "and in another terminal", "在另一个终端中：";
    HEADLINE_REGISTER: "The bureau registers them and applies its programs", "主管部门登记并提交项目";
    PROGRAMS_APPLIED: "programs: {programs}", "项目：{programs}";
    HEADLINE_MONTHS: "Month by month: reported, stated, sealed, settled, approved",
        "逐月办理：报送、报合计、封存、核算、批准";
    MONTH: "{period}  {records} records  {fees} yuan of fees  {granted} yuan granted",
        "{period}  {records} 条记录  费用 {fees} 元  发放 {granted} 元";
    OWED: "the platforms owe {owed} months through {last}; {sealed} are sealed",
        "截至 {last}，各平台应报 {owed} 个月份，已封存 {sealed} 个";
    HEADLINE_BEARS: "Who bears the eligible fees (yuan)", "计入的费用由谁承担（元）";
    BARS_LEGEND: "{government} government  {platform} platforms  {enterprise} enterprises",
        "{government} 政府  {platform} 平台  {enterprise} 企业";
    DEMO_FEES: "fees", "费用";
    DEMO_GOVERNMENT: "government", "政府";
    DEMO_PLATFORMS: "platforms", "平台";
    DEMO_ENTERPRISES: "enterprises", "企业";
    HEADLINE_BUDGETS: "Where each budget went (yuan)", "各项预算的去向（元）";
    BUDGET_RELEASED: "released", "已释放";
    BUDGET_GRANTED: "granted", "已发放";
    BUDGET_LEFT: "left", "剩余";
    BUDGET_SHORT: "still due, not funded", "应发未拨";
    BUDGET_SHORT_SINCE: "short since", "自何时不足";
    HEADLINE_EXCLUDED: "Fees that are not shared, by the first reason that applies (yuan)",
        "不计入的费用，按首个适用的原因（元）";
    HEADLINE_EXPLAINED: "One enterprise's share in {program} through {through}, step by step",
        "一家企业在 {program} 截至 {through} 的所得，逐步说明";
    EXPLAINED_BY: "({command})", "（{command}）";
    HEADLINE_MONEY: "The money: proposed, released by somebody else, paid", "付款：一人编制，他人放款，银行支付";
    ACCOUNTS_CONFIRMED: "{count} accounts confirmed", "已确认 {count} 个账户";
    PAID_AGAIN: "{count} payees have new accounts, and are paid again", "{count} 个收款人已更换账户，重新支付";
    ORDER_PAID: "{order}: {payments} payments, {total} yuan; {held} payees held; the bank says: {settled} there, {returned} back",
        "{order}：{payments} 笔，{total} 元；暂不支付 {held} 个收款人；银行回盘：到账 {settled} 笔，退回 {returned} 笔";
    HEADLINE_GOT: "Who got what (yuan)", "各项目付款情况（元）";
    MONEY_GIVEN: "given", "累计发放";
    MONEY_PAID: "paid", "已付";
    MONEY_PAYABLE: "payable", "应付";
    MONEY_RECEIVABLE: "receivable", "应收回";
    MONEY_RETURNED: "ever came back", "曾退票";
    HEADLINE_BOOKS: "The books", "账目";
    BOOKS_VERIFIED: "{count} entries, each as it was written", "{count} 条，逐条核对无误";
    BOOKS_IN: "hledger is not here to add them up; they are in {path}", "本机没有 hledger，未另行加总；账目在 {path}";
    BOOKS_AGREE: "hledger agrees that {paid} yuan were paid; {path}", "hledger 加总一致：已付 {paid} 元；{path}";
    BOOKS_DIFFER: "hledger says that {theirs} yuan were paid, not {ours}", "hledger 加总为已付 {theirs} 元，而非 {ours} 元";
}
