"""Headings and sentences of mails about changes to an account."""

from shop.domain.text.messages import N_

ACCOUNT_ADVICE = N_(
    "If this was not you, choose a new password at once and look at “Your devices” on your account page."
)
LIMIT_ADVICE = N_("Raise the limit on the page “Messages” in Tuza, or wait for the next month.")
APPROVAL_ADVICE = N_("Open “Approvals” in Tuza to see it.")
NOTICE_ADVICE = {"approval": APPROVAL_ADVICE, "message": LIMIT_ADVICE}
"""The advice of a notice by the first word of its name; the others have ACCOUNT_ADVICE."""
STAFF_NOTICES = {
    "new_device": (N_("New sign-in to Tuza"), N_("Your account was used to sign in on a device that is new to us.")),
    "password_changed": (N_("Your Tuza password was changed"), N_("All other devices were signed out.")),
    "second_factor_added": (N_("Second factor added in Tuza"), N_("A second factor was added to your account.")),
    "second_factor_reset": (
        N_("Your second factor was reset in Tuza"),
        N_("Your password alone is enough to sign in until you set up a new second factor."),
    ),
    "approval_requested": (
        N_("A change waits for your approval in Tuza"),
        N_("Someone in your shop asked for a change that a second person has to approve."),
    ),
    "approval_approved": (N_("Your change was approved in Tuza"), N_("The change that you asked for was made.")),
    "message_limit_reached": (
        N_("Messages of your shop stopped: the month’s limit is reached"),
        N_("SMS cost as much this month as you allow. Codes and orders are still sent; other messages are not."),
    ),
    "approval_refused": (N_("Your change was refused in Tuza"), N_("The change that you asked for was not made.")),
}
WEBHOOK_NOTICES = {
    "failing": N_("Every delivery of the last five days failed, so Tuza no longer calls this address:"),
    "gone": N_("The receiver answered 410 Gone, so Tuza no longer calls this address:"),
}
WEBHOOK_ADVICE = N_(
    "Fix the receiver, turn the endpoint on under “Webhooks” in Tuza, and resend the events that it missed."
)
ACCOUNT_NOTICES = {
    "phone_changed": (
        N_("Your phone number at %(shop)s was changed"),
        N_("The phone number of your account at %(shop)s was changed by the shop."),
    ),
    "merged": (
        N_("Your account at %(shop)s was merged"),
        N_("Your account at %(shop)s and its points were merged into another account by the shop."),
    ),
}
