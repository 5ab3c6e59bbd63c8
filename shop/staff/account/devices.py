"""The browsers that the signed-in person is signed in with; each can be signed out."""

from flask import render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shop.domain.text.user_agents import describe_user_agent
from shop.services.staff.sessions import end_session, end_sessions, list_sessions
from shop.staff import blueprint
from shop.staff.session import end, idle_limit, signed_in
from shop.web.pages.htmx import redirect_with_message


@blueprint.get("/account/devices")
def device_list() -> str:
    """List the browsers, last used first."""
    me = signed_in()
    sessions = list_sessions(me.member.user_id, idle=idle_limit())
    return render_template("staff/account/devices.html", sessions=sessions, this_session=me.session.id)


@blueprint.post("/account/devices/<id:session_id>/sign-out")
def device_sign_out(session_id: int) -> Response:
    """End one session; the person's own leads to the sign-in page."""
    me = signed_in()
    if session_id == me.session.id:
        end()
        return redirect_with_message(url_for("staff.sign_in_show"), _("You’ve signed out."))
    end_session(session_id, me.member.user_id)
    return redirect_with_message(url_for("staff.device_list"), _("Device signed out."))


@blueprint.post("/account/sign-out-everywhere")
def account_sign_out_everywhere() -> Response:
    """End all sessions but this one."""
    me = signed_in()
    end_sessions(me.member.user_id, keep=me.session.id)
    return redirect_with_message(url_for("staff.device_list"), _("Signed out everywhere else."))


@blueprint.app_template_filter("device_name")
def device_name(user_agent: str) -> str:
    """Return ``Chrome on Android``, or what is known of it."""
    browser, system = describe_user_agent(user_agent)
    if browser and system:
        return str(_("%(browser)s on %(system)s", browser=browser, system=system))
    return browser or system or str(_("Unknown browser"))
