//! The words that stand in the columns of a ticket, and how they are said in Chinese. No rules: where a ticket stands and
//! what may follow is next door in [`super::status`].

text_enum! {
    /// By which way a ticket came (domain §1).
    pub enum Channel {
        Scan = "scan", "扫码";
        Phone = "phone", "电话代录";
        WalkIn = "walk_in", "来访";
        Visit = "visit", "走访";
        Patrol = "patrol", "巡查";
        Hotline = "hotline", "12345转入";
    }
}

text_enum! {
    /// How far the trouble reaches.
    pub enum Reach {
        Household = "household", "本户";
        Unit = "unit", "本单元";
        Building = "building", "本楼";
        Compound = "compound", "全小区";
    }
}

text_enum! {
    /// What came of it.
    pub enum Outcome {
        Solved = "solved", "实际解决";
        Explained = "explained", "解释说明";
        NotYet = "not_yet", "暂不具备条件";
        PassedOn = "passed_on", "转出";
        Duplicate = "duplicate", "重复";
        Withdrawn = "withdrawn", "撤回";
        Invalid = "invalid", "无效";
    }
}

text_enum! {
    /// At which level it was solved.
    pub enum Level {
        Door = "door", "楼门";
        Community = "community", "社区";
        Street = "street", "街道";
        Department = "department", "部门";
    }
}

text_enum! {
    /// How satisfied the resident is: their answer, never derived.
    pub enum Satisfaction {
        Satisfied = "satisfied", "满意";
        Mostly = "mostly", "基本满意";
        Unsatisfied = "unsatisfied", "不满意";
    }
}

text_enum! {
    /// To whom an event is shown.
    pub enum Audience {
        Resident = "resident", "居民可见";
        Staff = "staff", "内部";
    }
}

text_enum! {
    /// At which point a photo was taken.
    pub enum Stage {
        Report = "report", "反映时";
        Work = "work", "处理中";
        After = "after", "处理后";
    }
}

text_enum! {
    /// Why a ticket leaves the counts (domain §6.4). Nothing is deleted.
    pub enum Reason {
        E1 = "e1", "E1 测试";
        E2 = "e2", "E2 空白、乱码或广告";
        E3 = "e3", "E3 恶意刷单";
        E4 = "e4", "E4 不属于我们";
        E5 = "e5", "E5 受理前撤回";
        E6 = "e6", "E6 重复";
        E7 = "e7", "E7 警情火情已转";
    }
}

text_enum! {
    /// The rungs that an overdue ticket climbs.
    pub enum Ladder {
        CommunityLead = "community_lead", "社区负责人";
        StreetManager = "street_manager", "街道";
    }
}

/// What a second person says to what the first proposed or asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// 同意.
    Approve,
    /// 不同意.
    Refuse,
}
