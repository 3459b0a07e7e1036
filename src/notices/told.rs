//! Who is told what: one pure function from an event, the ticket, the people and the channels to notices.
//!
//! What happens to a ticket and whom it concerns stands in [`TOLD`]; [`concerned`] turns that into people of this ticket.
//! Whoever is told of a ticket for another reason than their post (who follows it, who is reminded, who covers for
//! somebody absent) joins as [`Whom::Person`] in [`concerned`], and in no other place. Nobody is told by name of what they
//! may not see, or of what they did themselves. No database, no clock, no network.

use super::channels::Kind;
use crate::db::Id;
use crate::people::Role;
use crate::tickets::{Act, Step};

text_enum! {
    /// What a notice is about.
    pub enum Topic {
        New = "new", "新诉求";
        Given = "given", "派给本单位";
        Returned = "returned", "被退回";
        Reply = "reply", "居民补充";
        Withdrawn = "withdrawn", "居民撤回";
        Closed = "closed", "已办结，待回访";
        Unhappy = "unhappy", "居民说没解决或不满意";
        Rework = "rework", "要求重办";
        Doubt = "doubt", "邻居说还没好";
        Support = "support", "请协办";
        Asked = "asked", "申请待审批";
        Decided = "decided", "申请有结果";
        Resumed = "resumed", "已销账，接着办";
        Urged = "urged", "督办、催单";
        DueSoon = "due_soon", "即将到期";
        Overdue = "overdue", "已超期";
        Escalated = "escalated", "超期升级";
        ReviewDue = "review_due", "挂账到期复核";
        Outside = "outside", "外部单位有回音";
        Note = "note", "同事备注、@提醒";
        Progress = "progress", "关注的诉求有进展";
        Draft = "draft", "报表草稿已备好，待签发";
    }
}

impl Topic {
    /// Whether it concerns single people alone, so that no group chat and no other system is told of it.
    pub fn private(self) -> bool {
        matches!(self, Topic::Note | Topic::Progress)
    }
}

/// Whom a notice concerns, as a bell hears it: one line for all who hold the same post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Whom {
    /// Whoever triages in the community, and who oversees it.
    Desk,
    /// The community lead.
    Lead,
    /// Whoever manages the street.
    Street,
    /// Those of a party.
    Party(Id),
    /// The worker of a grid.
    Grid(Id),
    /// One person.
    Person(Id),
}

impl std::fmt::Display for Whom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Whom::Desk => f.write_str("desk"),
            Whom::Lead => f.write_str("lead"),
            Whom::Street => f.write_str("street"),
            Whom::Party(id) => write!(f, "party {id}"),
            Whom::Grid(id) => write!(f, "grid {id}"),
            Whom::Person(id) => write!(f, "person {id}"),
        }
    }
}

/// A post that is told, seen from the ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Post {
    Desk,
    Lead,
    /// The party that has it; the desk while no party has.
    Holder,
    /// The party that the event names.
    Named,
    /// The street, once an overdue ticket has climbed so far.
    Climbed,
    Grid,
    /// Whoever a note reminds.
    Reminded,
}

/// What happens, what a message calls it (its `step`), what it is called as a notice, and who is told beside those who follow
/// the ticket. Whatever is not here is told to nobody.
const TOLD: &[(&str, &str, Topic, &[Post])] = &[
    (Act::Submit.word(), "新诉求", Topic::New, &[Post::Desk, Post::Grid]),
    (Step::Dispatch.word(), "派单", Topic::Given, &[Post::Holder]),
    (Step::Transfer.word(), "转派", Topic::Given, &[Post::Holder]),
    (Step::Return.word(), "被退回", Topic::Returned, &[Post::Desk]),
    (Act::Reply.word(), "居民补充", Topic::Reply, &[Post::Holder, Post::Grid]),
    (Step::Withdraw.word(), "居民撤回", Topic::Withdrawn, &[Post::Desk, Post::Grid]),
    (Step::Close.word(), "已办结，待回访", Topic::Closed, &[Post::Desk]),
    (Step::Answer.word(), "居民说没解决或不满意", Topic::Unhappy, &[Post::Desk, Post::Holder]),
    (Act::Echo.word(), "邻居说没解决或不满意", Topic::Unhappy, &[Post::Desk, Post::Holder]),
    (Act::Doubt.word(), "邻居说还没好", Topic::Doubt, &[Post::Desk]),
    (Step::Rework.word(), "要求重办", Topic::Rework, &[Post::Holder, Post::Desk]),
    (Step::PassOn.word(), "已转出，待回访", Topic::Closed, &[Post::Desk]),
    (Act::Support.word(), "请协办", Topic::Support, &[Post::Named]),
    (Act::AskExtension.word(), "申请延期，待审批", Topic::Asked, &[Post::Lead]),
    (Act::AskSuspension.word(), "申请挂账，待审批", Topic::Asked, &[Post::Lead]),
    (Step::Extend.word(), "同意延期", Topic::Decided, &[Post::Holder]),
    (Step::Suspend.word(), "同意挂账", Topic::Decided, &[Post::Holder]),
    (Act::Decline.word(), "不同意申请", Topic::Decided, &[Post::Holder]),
    (Step::Resume.word(), "已销账，接着办", Topic::Resumed, &[Post::Holder]),
    (Act::Urge.word(), "督办", Topic::Urged, &[Post::Holder]),
    (Act::Nudge.word(), "居民催单", Topic::Urged, &[Post::Holder, Post::Desk]),
    (Act::DueSoon.word(), "即将到期", Topic::DueSoon, &[Post::Holder, Post::Grid]),
    (Act::Overdue.word(), "已超期", Topic::Overdue, &[Post::Holder, Post::Desk, Post::Grid]),
    // The deadline has passed: whoever has it and the grid worker hear it with the lead it goes up to.
    (
        Act::Escalate.word(),
        "超期升级",
        Topic::Escalated,
        &[Post::Holder, Post::Grid, Post::Lead, Post::Climbed],
    ),
    (Act::ReviewDue.word(), "挂账到期复核", Topic::ReviewDue, &[Post::Lead]),
    // Somebody outside: what they say waits for the desk; whoever has the ticket hears what became of their work.
    (Act::Say.word(), "外部单位留言", Topic::Outside, &[Post::Desk]),
    (Act::Report.word(), "外部单位报完成", Topic::Outside, &[Post::Desk, Post::Holder]),
    (Act::Check.word(), "外部完成已核实", Topic::Outside, &[Post::Holder]),
    (Act::SendBack.word(), "退回外部单位", Topic::Outside, &[Post::Holder]),
    (Act::Note.word(), "同事备注、@提醒", Topic::Note, &[Post::Reminded]),
    (Step::Accept.word(), "受理", Topic::Progress, &[]),
    (Step::Refuse.word(), "不予受理", Topic::Progress, &[]),
    (Step::Merge.word(), "并案", Topic::Progress, &[]),
    (Step::Unmerge.word(), "撤销并案", Topic::Progress, &[]),
    (Step::Take.word(), "接单", Topic::Progress, &[]),
    (Step::Archive.word(), "归档", Topic::Progress, &[]),
    (Act::MakeSafe.word(), "已排险", Topic::Progress, &[]),
    (Act::Message.word(), "给居民留言", Topic::Progress, &[]),
    (Act::Invite.word(), "发外部链接", Topic::Progress, &[]),
    (Act::Open.word(), "外部单位接手", Topic::Progress, &[]),
];

/// An event, as far as it matters here.
#[derive(Debug, Clone, Default)]
pub struct Happening {
    /// The word of the step or act.
    pub act: String,
    /// Whoever did it; they are not told of it.
    pub by: Option<Id>,
    /// The party that it names, where it names one.
    pub named: Option<Id>,
    /// The people whom a note reminds.
    pub reminded: Vec<Id>,
    /// Whether a follow-up said that it is not solved, or that the resident is not satisfied.
    pub unhappy: bool,
}

/// A ticket, as far as it matters here.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The party that has it; nothing while it is with the community.
    pub holder: Option<Id>,
    /// The grid it lies in.
    pub grid: Option<Id>,
    /// The person who works on it.
    pub handler: Option<Id>,
    /// Those who follow it.
    pub followers: Vec<Id>,
    /// Of all who may be told by name (handler, followers, reminded, covers): those who may see it.
    pub seeing: Vec<Id>,
    /// How many times it was returned.
    pub returns: i32,
    /// It has climbed to the street.
    pub at_street: bool,
    /// 举报: what and where it is would tell a group chat who reported.
    pub tip_off: bool,
}

/// Somebody with an account, and where messages reach them.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Person {
    pub id: Id,
    pub role: Role,
    pub party: Option<Id>,
    /// Those in which they answer first, their own and those they cover.
    pub grids: Vec<Id>,
    pub mail: bool,
    pub phone: bool,
    /// 代班: they are away, and this colleague is told in their place.
    pub cover: Option<Id>,
}

/// A channel, as far as it matters here.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Way {
    pub id: Id,
    pub kind: Kind,
    pub topics: Vec<Topic>,
    /// Only what this party has.
    pub party: Option<Id>,
}

/// One notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Notice {
    /// In the console.
    Bell(Whom),
    /// By a channel: to one person, or to whoever is at its other end.
    Sent(Id, Option<Id>),
}

/// The topic of an event, and every notice of it, each once.
pub fn notices(
    happening: &Happening,
    facts: &Facts,
    people: &[Person],
    ways: &[Way],
) -> Option<(Topic, Vec<Notice>)> {
    let (topic, posts) = match TOLD.iter().find(|row| row.0 == happening.act)? {
        // A good answer is the end of the story: nobody has to do anything.
        (.., Topic::Unhappy, _) if !happening.unhappy => (Topic::Progress, &[][..]),
        (.., topic, posts) => (*topic, *posts),
    };
    let concerned = concerned((topic, posts), happening, facts, people);
    let mut notices: Vec<Notice> = concerned.iter().copied().map(Notice::Bell).collect();
    for way in ways.iter().filter(|way| way.topics.contains(&topic)) {
        let other = way.party.is_some() && way.party != facts.holder;
        // A group chat of workers is read by whoever may have been reported; so is whatever is a party's own.
        let exposed = facts.tip_off && (way.kind.robot() || way.party.is_some());
        if other || exposed {
            continue;
        }
        if !way.kind.personal() {
            notices.extend((!topic.private()).then_some(Notice::Sent(way.id, None)));
            continue;
        }
        let reached = people.iter().filter(|person| match way.kind {
            Kind::Mail => person.mail,
            _ => person.phone,
        });
        // Who is away has their messages go to the cover; the bell keeps them until they are back.
        let told = reached.filter(|person| {
            Some(person.id) != happening.by && person.cover.is_none() && person.among(&concerned)
        });
        notices.extend(told.map(|person| Notice::Sent(way.id, Some(person.id))));
    }
    notices.sort();
    notices.dedup();
    Some((topic, notices))
}

/// What a message calls an event that it tells of under a topic: its `step`.
pub fn step(act: &str, topic: Topic) -> &'static str {
    match TOLD.iter().find(|row| row.0 == act) {
        Some((_, said, own, _)) if *own == topic => said,
        Some((.., Topic::Unhappy, _)) => HAPPY,
        // Of a report's draft, and of an event that an older version told of.
        _ => topic.label(),
    }
}

/// A good answer, as those who follow the ticket hear of it.
const HAPPY: &str = "居民评价";

/// Everything that [`step`] may say under a topic, each once.
pub fn steps(topic: Topic) -> Vec<&'static str> {
    let mut said: Vec<&str> = TOLD.iter().filter(|row| row.2 == topic).map(|row| row.1).collect();
    match topic {
        Topic::Progress => said.push(HAPPY),
        Topic::Draft => said.push(topic.label()),
        _ => {}
    }
    said
}

/// By which channels the draft of a report is told, and to whom: to the community lead, whom it waits for, and to whatever
/// is at the end of a channel of the whole community.
pub fn of_draft(people: &[Person], ways: &[Way]) -> Vec<(Id, Option<Id>)> {
    let mut sent = Vec::new();
    for way in ways.iter().filter(|way| way.topics.contains(&Topic::Draft) && way.party.is_none()) {
        if !way.kind.personal() {
            sent.push((way.id, None));
            continue;
        }
        let reached = people.iter().filter(|person| match way.kind {
            Kind::Mail => person.mail,
            _ => person.phone,
        });
        let leads = reached.filter(|person| person.is(Whom::Lead) && person.cover.is_none());
        sent.extend(leads.map(|person| (way.id, Some(person.id))));
    }
    sent
}

/// Whom it concerns: the posts of the table, and what this ticket adds to them.
fn concerned(
    (topic, posts): (Topic, &[Post]),
    happening: &Happening,
    facts: &Facts,
    people: &[Person],
) -> Vec<Whom> {
    let mut whom: Vec<Whom> = posts
        .iter()
        .filter_map(|post| match post {
            Post::Desk => Some(Whom::Desk),
            Post::Lead => Some(Whom::Lead),
            Post::Named => happening.named.map(Whom::Party),
            Post::Climbed => facts.at_street.then_some(Whom::Street),
            Post::Holder => Some(facts.holder.map_or(Whom::Desk, Whom::Party)),
            Post::Grid => facts.grid.map(Whom::Grid),
            Post::Reminded => None,
        })
        .collect();
    // What comes back a second time is the lead's to decide (domain §4).
    if topic == Topic::Returned && facts.returns > 1 {
        whom.push(Whom::Lead);
    }
    let handler = facts.handler.filter(|_| posts.contains(&Post::Holder));
    let by_name = facts.followers.iter().chain(&happening.reminded).copied().chain(handler);
    let told = |id: &Id| Some(*id) != happening.by && facts.seeing.contains(id);
    whom.extend(by_name.filter(told).map(Whom::Person));
    let away = people.iter().filter(|person| Some(person.id) != happening.by && person.among(&whom));
    let covers: Vec<Id> = away.filter_map(|person| person.cover).filter(told).collect();
    whom.extend(covers.into_iter().map(Whom::Person));
    // By post or by name, once.
    let post = |id: Id| {
        let person = people.iter().find(|person| person.id == id);
        person.is_some_and(|person| whom.iter().any(|whom| *whom != Whom::Person(id) && person.is(*whom)))
    };
    let twice: Vec<Whom> =
        whom.iter().copied().filter(|each| matches!(each, Whom::Person(id) if post(*id))).collect();
    whom.retain(|each| !twice.contains(each));
    whom.sort();
    whom.dedup();
    whom
}

impl Person {
    /// Whether any of those is them.
    fn among(&self, all: &[Whom]) -> bool {
        all.iter().any(|whom| self.is(*whom))
    }

    /// Whether that is them.
    fn is(&self, whom: Whom) -> bool {
        match whom {
            Whom::Desk => matches!(self.role, Role::CommunityWorker | Role::CommunityLead),
            Whom::Lead => self.role == Role::CommunityLead,
            Whom::Street => self.role == Role::StreetManager,
            Whom::Party(party) => self.role == Role::Handler && self.party == Some(party),
            Whom::Grid(grid) => self.role == Role::GridWorker && self.grids.contains(&grid),
            Whom::Person(id) => self.id == id,
        }
    }
}

#[cfg(test)]
mod tests;
