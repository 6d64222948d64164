"""What the audit says about requests, budget and promises: each verb with its words."""

from __future__ import annotations

VERBS = {
    "filed": "filed", "joined": "joined", "claimed": "took for triage", "claim_lapsed": "lost the claim of",
    "accepted": "accepted", "declined": "declined", "answered": "answered", "solved": "solved by themselves",
    "merged": "marked as a duplicate", "assigned": "assigned", "started": "began", "asked": "asked about",
    "waiting_upstream": "waits for upstream on", "resumed": "resumed", "resolved": "resolved",
    "reopened": "re-opened", "withdrawn": "withdrew", "closed": "closed", "replied": "wrote on",
    "noted": "noted on", "watched": "follows", "made_private": "made private", "member_added": "let somebody see",
    "approval_waits": "waits for the approval of", "promoted": "took in from the line",
    "approval_asked": "asked the lead about", "approved": "approved",
    "queued": "put in line", "deferred": "put off to the plan", "override_proposed": "proposed to pull in",
    "override_refused": "left in the plan", "overridden": "pulled in", "corner_cut": "said what was left out of",
    "token_spent": "spent an urgency token on", "token_returned": "gave back the token of",
    "exemption_claimed": "claimed an exemption for", "exemption_confirmed": "confirmed the exemption of",
    "exemption_lapsed": "let the exemption lapse of", "back_to_triage": "sent back to the desk",
    "tripped": "sent back, larger than estimated,", "time_logged": "logged time on",
    "time_reversed": "reversed time on", "capacity_adjusted": "changed the capacity in the",
    "quarter_closed": "closed the", "merge_undone": "took back the merge of", "linked": "linked", "split": "split",
    "no_reply": "closed without a reply", "appealed": "took back to the desk", "attached": "attached a file to",
    "file_read": "downloaded a file of", "member_removed": "took somebody out of", "made_public": "opened",
    "glass_asked": "asked for", "glass_broken": "agreed to", "glass_read": "read through the glass",
    "policy_published": "published a version of", "policy_applied": "applied to running promises",
    "rule_added": "added a rule for", "rule_removed": "removed a rule of", "bulk_assigned": "assigned",
    "bulk_undone": "took back the assignment of", "exempt_kind_saved": "changed the exempt kind",
    "leaver_swept": "settled what the plan kept of",
    "upstream_linked": "asked upstream for", "message_edited": "edited a message on",
    "message_deleted": "deleted a message on", "desk_kept": "changed how requests are answered by",
    "private_read": "read", "target_changed": "changed a promise of", "breach_excused": "excused a breach of",
    "pause_backdated": "said late that it waited:", "bulk_triaged": "sent back to the desk",
    "incident_opened": "opened an incident for",
}  # fmt: skip
