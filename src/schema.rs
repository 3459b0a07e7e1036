//! Every table, in one list: first the reference tables, then the tables of one community, whose
//! keys all begin with `community_id` so that they can be spread by it.
//!
//! The same columns stand in `migrations/postgres` and `migrations/sqlite`; a test compares them.

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    communities (id) {
        id -> Uid,
        district -> Text,
        street -> Text,
        name -> Text,
        prefix -> Text,
        token -> Text,
        phone -> Text,
        property_phone -> Text,
        gas_phone -> Text,
        promise -> Text,
        demo -> Bool,
        created_at -> Ts,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    categories (code) {
        code -> Text,
        level1 -> Text,
        level2 -> Text,
        default_kind -> Text,
        lead_party -> Text,
        supporting_parties -> Text,
        urgency -> Text,
        first_contact_minutes -> Integer,
        make_safe_minutes -> Nullable<Integer>,
        deadline_minutes -> Integer,
        danger_hint -> Nullable<Text>,
        comparable -> Bool,
        hotline_class -> Text,
        retired_at -> Nullable<Ts>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    staff (id) {
        id -> Uid,
        login -> Text,
        name -> Text,
        password_hash -> Text,
        role -> Text,
        street -> Nullable<Text>,
        community_id -> Nullable<Uid>,
        party_id -> Nullable<Uid>,
        bell_seen_at -> Ts,
        disabled_at -> Nullable<Ts>,
        created_at -> Ts,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::Ts;
    #[allow(missing_docs)]
    robots (robot) {
        robot -> Text,
        free_at -> Ts,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    bell_marks (community_id, staff_id) {
        community_id -> Uid,
        staff_id -> Uid,
        seen_at -> Ts,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    sign_ins (token_hash) {
        token_hash -> Binary,
        staff_id -> Uid,
        community_id -> Nullable<Uid>,
        kind -> Text,
        label -> Text,
        created_at -> Ts,
        seen_at -> Ts,
        expires_at -> Ts,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    codes (code) {
        code -> Text,
        community_id -> Uid,
        place_id -> Uid,
        version -> Integer,
        state -> Text,
        printed_at -> Nullable<Ts>,
        posted_at -> Nullable<Ts>,
        replaced_by -> Nullable<Text>,
        grace_until -> Nullable<Ts>,
        created_at -> Ts,
        stopped_at -> Nullable<Ts>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    settings (community_id, name, effective_from) {
        community_id -> Uid,
        name -> Text,
        effective_from -> Ts,
        value -> Text,
        set_by -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    populations (community_id, effective_from) {
        community_id -> Uid,
        effective_from -> Date,
        residents -> Integer,
        households -> Integer,
        source -> Text,
        entered_by -> Text,
        units -> Nullable<Integer>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    grids (community_id, id) {
        community_id -> Uid,
        id -> Uid,
        name -> Text,
        worker_id -> Nullable<Uid>,
        phone -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    places (community_id, id) {
        community_id -> Uid,
        id -> Uid,
        kind -> Text,
        name -> Text,
        full_name -> Text,
        parent_id -> Nullable<Uid>,
        building_id -> Nullable<Uid>,
        grid_id -> Nullable<Uid>,
        households -> Nullable<Integer>,
        sort -> Integer,
        retired_at -> Nullable<Ts>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    parties (community_id, id) {
        community_id -> Uid,
        id -> Uid,
        name -> Text,
        aliases -> Text,
        kind -> Text,
        phone -> Text,
        fallback -> Bool,
        disabled_at -> Nullable<Ts>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    ticket_numbers (community_id, day) {
        community_id -> Uid,
        day -> Date,
        last -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    tickets (community_id, id) {
        community_id -> Uid,
        id -> Uid,
        number -> Text,
        key_version -> Integer,
        secret_hash -> Binary,
        query_hash -> Binary,
        channel -> Text,
        code -> Nullable<Text>,
        place_id -> Uid,
        building_id -> Nullable<Uid>,
        grid_id -> Nullable<Uid>,
        spot_note -> Text,
        kind -> Text,
        level1 -> Text,
        category -> Nullable<Text>,
        text -> Text,
        hazard -> Bool,
        reach -> Nullable<Text>,
        publish -> Bool,
        share_phone -> Bool,
        name_sealed -> Nullable<Binary>,
        phone_sealed -> Nullable<Binary>,
        phone_hash -> Nullable<Binary>,
        phone_masked -> Nullable<Text>,
        device_hash -> Nullable<Binary>,
        notice_version -> Text,
        submitted_at -> Ts,
        called_at -> Nullable<Ts>,
        registered_by -> Nullable<Uid>,
        status -> Text,
        version -> Integer,
        urgency -> Text,
        first_contact_due -> Ts,
        make_safe_due -> Nullable<Ts>,
        due_at -> Ts,
        open_due_at -> Nullable<Ts>,
        rules_version -> Text,
        lead_id -> Uid,
        routed -> Text,
        handler_id -> Nullable<Uid>,
        dispatched_at -> Nullable<Ts>,
        accepted_at -> Nullable<Ts>,
        first_contact_at -> Nullable<Ts>,
        closed_at -> Nullable<Ts>,
        result -> Nullable<Text>,
        result_text -> Text,
        solved_level -> Nullable<Text>,
        answered_at -> Nullable<Ts>,
        answer_valid -> Nullable<Bool>,
        contacted -> Nullable<Bool>,
        solved -> Nullable<Bool>,
        satisfied -> Nullable<Text>,
        answer_comment -> Text,
        events -> Integer,
        rounds -> Integer,
        returns -> Integer,
        main_id -> Nullable<Uid>,
        hotline_number -> Nullable<Text>,
        excluded -> Nullable<Text>,
        taken_at -> Nullable<Ts>,
        safe_at -> Nullable<Ts>,
        suspended_at -> Nullable<Ts>,
        escalated -> Nullable<Text>,
        origin_id -> Nullable<Uid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    ticket_events (community_id, ticket_id, seq) {
        community_id -> Uid,
        ticket_id -> Uid,
        seq -> Integer,
        at -> Ts,
        role -> Text,
        actor_id -> Nullable<Uid>,
        actor -> Text,
        act -> Text,
        from_status -> Nullable<Text>,
        to_status -> Text,
        audience -> Text,
        note -> Text,
        data -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    ticket_photos (community_id, ticket_id, seq) {
        community_id -> Uid,
        ticket_id -> Uid,
        seq -> Integer,
        photo -> Text,
        width -> Integer,
        height -> Integer,
        stage -> Text,
        added_by -> Text,
        added_at -> Ts,
        likeness -> Nullable<BigInt>,
        neighbour_id -> Nullable<Uid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    ticket_voices (community_id, ticket_id, seq) {
        community_id -> Uid,
        ticket_id -> Uid,
        seq -> Integer,
        voice -> Text,
        format -> Text,
        seconds -> Integer,
        bytes -> Integer,
        added_by -> Text,
        added_at -> Ts,
        neighbour_id -> Nullable<Uid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    loose_files (community_id, kind, file) {
        community_id -> Uid,
        kind -> Text,
        file -> Text,
        taken_at -> Ts,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    exclusions (community_id, id) {
        community_id -> Uid,
        id -> Uid,
        ticket_id -> Uid,
        reason -> Text,
        note -> Text,
        proposed_by -> Uid,
        proposed_at -> Ts,
        decided_by -> Nullable<Uid>,
        decided_at -> Nullable<Ts>,
        approved -> Nullable<Bool>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    report_keys (community_id, key_hash) {
        community_id -> Uid,
        key_hash -> Binary,
        content_hash -> Binary,
        ticket_id -> Uid,
        created_at -> Ts,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    scans (community_id, code, day, device_hash) {
        community_id -> Uid,
        code -> Text,
        day -> Date,
        device_hash -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    hotline_totals (community_id, period) {
        community_id -> Uid,
        period -> Text,
        cases -> Integer,
        approximate -> Bool,
        source -> Text,
        entered_by -> Text,
        entered_at -> Ts,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    audits (community_id, id) {
        community_id -> Uid,
        id -> Uid,
        at -> Ts,
        staff_id -> Uid,
        actor -> Text,
        act -> Text,
        ticket_id -> Nullable<Uid>,
        reason -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    supports (community_id, ticket_id, party_id) {
        community_id -> Uid,
        ticket_id -> Uid,
        party_id -> Uid,
        since -> Ts,
        added_by -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    holdings (community_id, ticket_id, seq) {
        community_id -> Uid,
        ticket_id -> Uid,
        seq -> Integer,
        party_id -> Uid,
        from_at -> Ts,
        until_at -> Nullable<Ts>,
        ended_by -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    requests (community_id, id) {
        community_id -> Uid,
        id -> Uid,
        ticket_id -> Uid,
        kind -> Text,
        reason -> Text,
        basis -> Text,
        plan -> Text,
        until_at -> Ts,
        asked_by -> Uid,
        asker -> Text,
        asked_at -> Ts,
        decided_by -> Nullable<Uid>,
        decided_at -> Nullable<Ts>,
        approved -> Nullable<Bool>,
        answer -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    urges (community_id, ticket_id, seq) {
        community_id -> Uid,
        ticket_id -> Uid,
        seq -> Integer,
        kind -> Text,
        text -> Text,
        until_at -> Nullable<Ts>,
        at -> Ts,
        made_by -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    passings (community_id, ticket_id, seq) {
        community_id -> Uid,
        ticket_id -> Uid,
        seq -> Integer,
        passed_to -> Text,
        number -> Text,
        at -> Ts,
        passed_by -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    timers (community_id, ticket_id) {
        community_id -> Uid,
        ticket_id -> Uid,
        at -> Ts,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    outbox (community_id, ticket_id, seq) {
        community_id -> Uid,
        ticket_id -> Uid,
        seq -> Integer,
        at -> Ts,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    rules (community_id, id) {
        community_id -> Uid,
        id -> Uid,
        scope -> Text,
        place_id -> Nullable<Uid>,
        grid_id -> Nullable<Uid>,
        category -> Text,
        kind -> Nullable<Text>,
        urgency -> Nullable<Text>,
        weekdays -> Integer,
        from_minute -> Nullable<Integer>,
        until_minute -> Nullable<Integer>,
        lead -> Text,
        supporting -> Text,
        set_urgency -> Nullable<Text>,
        first_contact_minutes -> Nullable<Integer>,
        make_safe_minutes -> Nullable<Integer>,
        deadline_minutes -> Nullable<Integer>,
        sort -> Integer,
        changed_by -> Text,
        changed_at -> Ts,
        disabled_at -> Nullable<Ts>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    suggestions (community_id, ticket_id) {
        community_id -> Uid,
        ticket_id -> Uid,
        suggested -> Text,
        percent -> Integer,
        made_by -> Text,
        at -> Ts,
        chosen -> Nullable<Text>,
        chosen_at -> Nullable<Ts>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    lessons (name) {
        name -> Text,
        learnt_at -> Ts,
        examples -> Integer,
        body -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    staff_contacts (staff_id) {
        staff_id -> Uid,
        mail_sealed -> Nullable<Binary>,
        phone_sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    notices (community_id, id) {
        community_id -> Uid,
        id -> Uid,
        ticket_id -> Uid,
        seq -> Integer,
        topic -> Text,
        whom -> Text,
        by_id -> Nullable<Uid>,
        at -> Ts,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    notice_channels (community_id, id) {
        community_id -> Uid,
        id -> Uid,
        kind -> Text,
        name -> Text,
        sealed -> Binary,
        shown -> Text,
        topics -> Text,
        party_id -> Nullable<Uid>,
        free_at -> Ts,
        made_at -> Ts,
        made_by -> Text,
        disabled_at -> Nullable<Ts>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    deliveries (community_id, id) {
        community_id -> Uid,
        id -> Uid,
        channel_id -> Uid,
        ticket_id -> Nullable<Uid>,
        seq -> Nullable<Integer>,
        topic -> Text,
        staff_id -> Nullable<Uid>,
        state -> Text,
        made_at -> Ts,
        begun_at -> Ts,
        due_at -> Ts,
        attempts -> Integer,
        parcel_id -> Nullable<Uid>,
        sent_at -> Nullable<Ts>,
        answer -> Text,
        draft -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    notice_texts (community_id, topic, level1) {
        community_id -> Uid,
        topic -> Text,
        level1 -> Text,
        text -> Text,
        changed_at -> Ts,
        changed_by -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    links (community_id, id) {
        community_id -> Uid,
        id -> Uid,
        ticket_id -> Uid,
        party_id -> Nullable<Uid>,
        name -> Text,
        text -> Text,
        token_hash -> Binary,
        holder_hash -> Nullable<Binary>,
        made_by -> Uid,
        maker -> Text,
        made_at -> Ts,
        expires_at -> Ts,
        opened_at -> Nullable<Ts>,
        revoked_at -> Nullable<Ts>,
        done_at -> Nullable<Ts>,
        waiting_at -> Nullable<Ts>,
        said -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    mentions (community_id, ticket_id, seq, staff_id) {
        community_id -> Uid,
        ticket_id -> Uid,
        seq -> Integer,
        staff_id -> Uid,
        at -> Ts,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    followers (community_id, ticket_id, staff_id) {
        community_id -> Uid,
        ticket_id -> Uid,
        staff_id -> Uid,
        since -> Ts,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    absences (community_id, id) {
        community_id -> Uid,
        id -> Uid,
        staff_id -> Uid,
        cover_id -> Uid,
        from_at -> Ts,
        until_at -> Ts,
        set_by -> Text,
        set_at -> Ts,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    distinctions (community_id, ticket_id, earlier_id) {
        community_id -> Uid,
        ticket_id -> Uid,
        earlier_id -> Uid,
        decided_at -> Ts,
        decided_by -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    incidents (community_id, id) {
        community_id -> Uid,
        id -> Uid,
        place_id -> Uid,
        category -> Text,
        state -> Text,
        opened_at -> Ts,
        opened_by -> Text,
        ended_at -> Nullable<Ts>,
        ended_by -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    incident_tickets (community_id, incident_id, ticket_id) {
        community_id -> Uid,
        incident_id -> Uid,
        ticket_id -> Uid,
        added_at -> Ts,
        added_by -> Text,
        removed_at -> Nullable<Ts>,
        removed_by -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    neighbours (community_id, id) {
        community_id -> Uid,
        id -> Uid,
        ticket_id -> Uid,
        code -> Nullable<Text>,
        key_version -> Integer,
        secret_hash -> Binary,
        device_hash -> Binary,
        phone_sealed -> Nullable<Binary>,
        phone_hash -> Nullable<Binary>,
        phone_masked -> Nullable<Text>,
        text -> Text,
        notice_version -> Text,
        at -> Ts,
        repeats -> Bool,
        withdrawn_at -> Nullable<Ts>,
        answered_at -> Nullable<Ts>,
        contacted -> Nullable<Bool>,
        solved -> Nullable<Bool>,
        satisfied -> Nullable<Text>,
        comment -> Text,
        doubts -> Text,
        forgotten_at -> Nullable<Ts>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    relations (community_id, ticket_id) {
        community_id -> Uid,
        ticket_id -> Uid,
        relation -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    works (community_id, id) {
        community_id -> Uid,
        id -> Uid,
        place_id -> Nullable<Uid>,
        category -> Text,
        what -> Text,
        who -> Text,
        phone -> Text,
        from_at -> Ts,
        until_at -> Ts,
        made_at -> Ts,
        made_by -> Text,
        ended_at -> Nullable<Ts>,
        ended_by -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    patrols (community_id, id) {
        community_id -> Uid,
        id -> Uid,
        place_id -> Uid,
        code -> Text,
        finding -> Text,
        note -> Text,
        photo -> Nullable<Text>,
        at -> Ts,
        by_id -> Uid,
        by_name -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    state_tries (community_id, number_hash) {
        community_id -> Uid,
        number_hash -> Binary,
        tries -> Integer,
        at -> Ts,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    confirmations (community_id, ticket_id, device_hash) {
        community_id -> Uid,
        ticket_id -> Uid,
        device_hash -> Binary,
        says -> Text,
        at -> Ts,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    publications (community_id, ticket_id) {
        community_id -> Uid,
        ticket_id -> Uid,
        closed_at -> Ts,
        state -> Text,
        version -> Integer,
        sentence -> Text,
        drafted_by -> Text,
        drafted_at -> Ts,
        decided_by -> Text,
        decided_at -> Nullable<Ts>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    publication_photos (community_id, ticket_id, seq) {
        community_id -> Uid,
        ticket_id -> Uid,
        seq -> Integer,
        photo -> Text,
        width -> Integer,
        height -> Integer,
        stage -> Text,
        covered -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    issued_reports (community_id, id) {
        community_id -> Uid,
        id -> Uid,
        kind -> Text,
        period -> Text,
        version -> Integer,
        from_at -> Ts,
        to_at -> Ts,
        issued_at -> Ts,
        issued_by -> Uid,
        issuer -> Text,
        note -> Text,
        format -> Integer,
        checksum -> Text,
        corrections -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::Uid;
    #[allow(missing_docs)]
    issued_files (community_id, report_id, name) {
        community_id -> Uid,
        report_id -> Uid,
        name -> Text,
        checksum -> Text,
        bytes -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    report_drafts (community_id, kind, period) {
        community_id -> Uid,
        kind -> Text,
        period -> Text,
        told_at -> Ts,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    unmasked_requests (community_id, id) {
        community_id -> Uid,
        id -> Uid,
        kind -> Text,
        period -> Text,
        reason -> Text,
        asked_by -> Uid,
        asker -> Text,
        asked_at -> Ts,
        decided_by -> Nullable<Uid>,
        decider -> Nullable<Text>,
        decided_at -> Nullable<Ts>,
        approved -> Nullable<Bool>,
        until_at -> Nullable<Ts>,
        downloads -> Integer,
    }
}

diesel::joinable!(sign_ins -> staff (staff_id));

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    held_reports (community_id, id) {
        community_id -> Uid,
        id -> Uid,
        secret_hash -> Binary,
        code -> Text,
        place_id -> Uid,
        level1 -> Text,
        text -> Text,
        phone_sealed -> Nullable<Binary>,
        phone_masked -> Nullable<Text>,
        device_hash -> Nullable<Binary>,
        share_phone -> Bool,
        publish -> Bool,
        notice_version -> Text,
        photos -> Text,
        voice -> Nullable<Text>,
        relation -> Nullable<Text>,
        why -> Text,
        received_at -> Ts,
        discarded_at -> Nullable<Ts>,
        discarded_by -> Nullable<Text>,
        reason -> Nullable<Text>,
        note -> Text,
        network_hash -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    hotline_batches (community_id, id) {
        community_id -> Uid,
        id -> Uid,
        file_name -> Text,
        state -> Text,
        accepted -> Integer,
        rejected -> Integer,
        added -> Integer,
        updated -> Integer,
        same -> Integer,
        first_at -> Nullable<Ts>,
        last_at -> Nullable<Ts>,
        personal -> Text,
        ignored -> Text,
        made_at -> Ts,
        made_by -> Text,
        confirmed_at -> Nullable<Ts>,
        confirmed_by -> Text,
        undone_at -> Nullable<Ts>,
        undone_by -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::Uid;
    #[allow(missing_docs)]
    hotline_rejects (community_id, batch_id, seq) {
        community_id -> Uid,
        batch_id -> Uid,
        seq -> Integer,
        line -> Integer,
        reason -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    hotline_rows (community_id, batch_id, number) {
        community_id -> Uid,
        batch_id -> Uid,
        number -> Text,
        line -> Integer,
        live_at -> Nullable<Ts>,
        covers -> Nullable<Uid>,
        digest -> Text,
        received_at -> Ts,
        closed_at -> Nullable<Ts>,
        place -> Text,
        matter -> Text,
        party -> Text,
        nature -> Nullable<Text>,
        content -> Text,
        solved -> Nullable<Bool>,
        satisfied -> Nullable<Text>,
        tags -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    hotline_names (community_id, kind, name) {
        community_id -> Uid,
        kind -> Text,
        name -> Text,
        place_id -> Nullable<Uid>,
        category -> Nullable<Text>,
        made_by -> Text,
        decided_by -> Text,
        decided_at -> Ts,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    hotline_pairs (community_id, ticket_id, number) {
        community_id -> Uid,
        ticket_id -> Uid,
        number -> Text,
        id -> Uid,
        verdict -> Text,
        reasons -> Text,
        decided_by -> Text,
        decided_at -> Ts,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::{Ts, Uid};
    #[allow(missing_docs)]
    rollups (community_id, month) {
        community_id -> Uid,
        month -> Date,
        ends_at -> Ts,
        made_at -> Ts,
        good_until -> Nullable<Ts>,
        rules -> Text,
        facts -> Binary,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    communities,
    categories,
    staff,
    sign_ins,
    codes,
    settings,
    populations,
    grids,
    places,
    parties,
    ticket_numbers,
    tickets,
    ticket_events,
    ticket_photos,
    ticket_voices,
    loose_files,
    exclusions,
    report_keys,
    scans,
    hotline_totals,
    audits,
    supports,
    holdings,
    requests,
    urges,
    passings,
    timers,
    outbox,
    rules,
    suggestions,
    lessons,
    notices,
    notice_channels,
    deliveries,
    notice_texts,
    staff_contacts,
    links,
    mentions,
    followers,
    absences,
    distinctions,
    incidents,
    incident_tickets,
    neighbours,
    relations,
    works,
    patrols,
    state_tries,
    confirmations,
    publications,
    publication_photos,
    held_reports,
    hotline_batches,
    hotline_rejects,
    hotline_rows,
    hotline_names,
    hotline_pairs,
    bell_marks,
    robots,
    issued_reports,
    issued_files,
    report_drafts,
    unmasked_requests,
    rollups
);
