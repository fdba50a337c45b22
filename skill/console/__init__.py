"""The owner's and the household's pages.

How a page is added: in a module of this room, a function takes the `Site` and gives each path a role. Everything that a page must
check is checked before its function runs.

    def add_limits_pages(site: Site) -> None:
        @site.page("/household/limits", role=PARENT)            # GET: signed in, with that role
        def limits(visitor: Visitor) -> Response:
            return site.render("household/limits.html", visitor, layer=site.ports.policies.layer(...))

        @site.action("/household/limits", role=PARENT)          # POST: same origin, signed in, token of the form, recent sign-in
        def set_limits(visitor: Visitor) -> Response:
            change_policy(site.ports, "household", visitor.household_id, change, visitor.who, "set on the page")
            return site.go("/household/limits", "Saved.")       # 303, and the note is shown once

and `create_pages` in `pages.py` calls it. A template extends `household/frame.html` (or `console/frame.html`), which extends
`layout.html` with the role's links; every form has `{{ forms.token(csrf) }}` (`{% import "forms.html" as forms %}`).
`{{ amount|money }}` takes a `Money` or minor units; `site.when(moment, zone)` writes a time. No script or style stands in a
template: both are files in `static/`, because the content policy takes no other.

A POST with an old sign-in is asked for the passphrase and then carried out as it was sent; `carry=False` is for secrets and
files, `body_bytes_max` for a page that takes more than a form. `visitor.who` goes into the audit trail.
"""
