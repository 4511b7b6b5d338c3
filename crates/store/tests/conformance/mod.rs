//! What any adapter of the store has to do, as functions over [`Store`].
//!
//! `tests/sqlite.rs` runs all of them on SQLite, `tests/postgres.rs` on a server.
#![allow(clippy::unwrap_used, dead_code)]

pub mod forgetting;
pub mod keeping;
pub mod laking;
pub mod removing;
pub mod sealing;
pub mod searching;
pub mod tables;
pub mod world;

/// Makes a `#[test]` of each function, on a fresh place of the adapter.
#[allow(unused_macros)]
macro_rules! conformance {
    ($adapter:ty: $($module:ident { $($name:ident),* $(,)? })*) => {$(
        mod $module {
            $(#[test] fn $name() {
                // Where there is no such adapter, it says so itself.
                if let Some(place) = <$adapter as crate::conformance::world::Place>::fresh() {
                    crate::conformance::$module::$name(&place);
                }
            })*
        }
    )*};
}

/// The whole suite.
#[allow(unused_macros)]
macro_rules! every_rule {
    ($adapter:ty) => {
        conformance!($adapter:
        keeping {
            a_repeated_submission_is_answered_as_before_and_nothing_else_is_done,
            another_carrier_may_send_the_same_bytes,
            every_commit_leaves_its_events_under_a_signed_checkpoint,
            batches_from_many_threads_are_each_done_whole,
            the_same_submission_from_many_threads_is_kept_once,
            a_batch_that_fails_leaves_nothing_and_sinks_no_other,
            what_was_answered_is_there_after_a_crash,
            a_command_beside_the_node_writes_into_the_same_log,
            a_closed_store_takes_nothing_and_says_so,
            a_store_is_served_by_one_node_at_a_time,
            a_store_is_made_once_and_opened_with_its_own_log_key,
        }
        sealing {
            lists_originals_and_explanations_open_as_they_were_sealed,
            a_changed_byte_is_found,
            a_list_does_not_open_under_another_id_day_origin_or_purpose,
            another_node_key_opens_nothing,
            a_destroyed_day_takes_its_lists_and_no_others,
            a_day_has_one_key_however_many_ask_for_it_at_once,
            no_name_is_readable_on_the_disk,
        }
        forgetting {
            a_masked_day_keeps_its_remainder_and_shows_nobody,
            the_authority_opens_one_list_and_the_log_knows_first,
            without_an_authority_a_masked_day_is_masked_for_good,
            who_is_in_a_case_outlives_the_day_alone_and_until_its_own_day,
            a_day_is_due_by_the_strictest_clock_of_its_lists,
            what_comes_for_a_day_that_is_gone_gets_keys_of_its_own,
            another_process_erases_and_this_one_opens_nothing_more,
            neither_names_nor_keys_are_on_the_disk_after_erasure,
            yesterdays_backup_opens_nothing_that_was_erased_today,
            a_backup_made_under_load_is_whole,
        }
        removing {
            who_is_removed_is_gone_alone_and_the_others_keep_their_numbers,
            a_day_that_went_over_has_the_clocks_that_it_had,
            a_copy_of_the_day_before_opens_nobody_of_it,
            neither_what_was_sealed_nor_its_keys_are_on_the_disk_after_a_removal,
            nothing_more_is_sealed_under_the_keys_that_go,
            who_cannot_go_now_is_left_alone,
            the_key_of_the_message_goes_where_it_is_another,
            who_has_left_is_due_and_grounds_hold_them_one_by_one,
        }
        searching {
            somebody_is_found_by_what_was_kept_of_them,
            a_list_that_was_taken_back_is_found_no_more,
            projections_are_deleted_and_made_again,
            who_is_masked_or_erased_is_found_no_more,
        }
        laking {
            lists_of_days_past_are_in_the_lake_and_found_there,
            a_day_that_is_masked_or_erased_is_dark_in_every_copy_of_the_lake,
            a_list_that_is_taken_back_leaves_the_lake,
            files_that_no_row_names_are_found_and_removed,
            a_file_that_is_lost_or_changed_is_told_and_the_lake_made_anew,
            small_parts_of_a_day_become_one,
            a_lake_that_fails_at_any_write_loses_and_doubles_nobody,
            a_part_is_looked_through_once_for_new_watchlists,
            a_backup_holds_nothing_of_the_lake,
        }
        tables {
            rows_come_back_as_they_were_written,
                parts_wait_until_they_are_whole_or_due_and_are_joined_once,
            people_partners_and_documents_come_back_and_change,
            criteria_are_approved_by_another_and_end_the_version_before,
            officers_and_sessions_come_and_go,
            a_list_is_screened_once_and_a_hit_disclosed_once,
            of_two_officers_who_decide_at_once_one_is_told_to_look_again,
            the_queue_of_hits_is_read_in_pages_by_departure,
            the_same_hit_is_raised_once,
            parcels_wait_in_order_until_they_are_receipted,
            a_place_in_a_stream_is_taken_once,
            a_list_that_is_taken_back_is_gone_with_its_hits_and_no_other_is,
            which_version_was_believed_when_outlives_both,
            a_request_is_decided_on_once_and_forgotten_with_its_day,
            an_emergency_is_justified_once_or_a_person_is_told_once,
            an_emergency_that_is_not_answered_wholly_is_told_once,
            daily_totals_are_kept_and_counted_from_where_the_last_ended,
            streams_stand_where_they_were_left,
            alarms_wait_until_somebody_settles_them,
            counts_tell_what_is_there,
            lists_are_found_by_flight_submission_and_day,
        }
    );
    };
}
