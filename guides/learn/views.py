"""Pages of Learn. Each has three addresses: for everybody, below a domain, and for a mailbox's own user."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from guides.clientconfig import Protocol
from guides.learn import reading, scopes, searching, voting
from guides.learn.blocks.sizes import storage
from guides.learn.forms import FIRST, VoteForm, WhichForm
from guides.learn.library import library
from guides.learn.scope import ALL, DOMAIN, OWN, Scope
from guides.learn.which import advise
from lib.back import back_to
from mailboxes.people import MailboxUser

BASES = {ALL: "base.html", DOMAIN: "domain_base.html", OWN: "mailboxes/own/base.html"}


class LearnPage(TemplateView):
    """``setup`` runs before the verb is looked at, so a stranger gets 404 for every one."""

    http_method_names = ["get", "head"]
    kind = ALL
    scope: Scope

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if isinstance(request.user, MailboxUser) != (self.kind == OWN):
            raise Http404
        if self.kind == OWN:
            self.scope = scopes.for_own(request.user)  # type: ignore[arg-type]  # asked above
        elif self.kind == DOMAIN:
            self.scope = scopes.for_domain(request, kwargs["name"], self.asked("mailbox", 64))
        else:
            self.scope = scopes.for_all(request.user)

    def asked(self, name: str, longest: int) -> str:
        return self.request.GET.get(name, "").replace("\0", "").strip()[:longest]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        common = {
            "scope": self.scope,
            "base_template": BASES[self.kind],
            "nav": "learn",
            "learn_url": self.scope.url(),
            "glossary_url": self.scope.url("glossary"),
            "which_url": self.scope.url("which"),
            "picked": self.scope.mailbox if self.kind == DOMAIN else None,
        }
        if self.kind != ALL:
            common |= {"domain": self.scope.domain, "mailbox": self.scope.mailbox}
        if self.kind == OWN:
            common.pop("domain")
        return super().get_context_data(**common | kwargs)


class Index(LearnPage):
    template_name = "guides/learn/index.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.asked("q", searching.LONGEST)
        found = searching.search(query, self.scope.language) if query else None
        return super().get_context_data(
            query=query,
            shelves=[] if query else reading.shelves(self.scope),
            articles=[reading.card(self.scope, each) for each in found.articles] if found else [],
            terms=[reading.line(self.scope, each) for each in found.terms] if found else [],
            **kwargs,
        )


class ArticlePage(LearnPage):
    template_name = "guides/learn/article.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        article = library().articles.get(self.kwargs["slug"])
        if article is None:
            raise Http404
        return super().get_context_data(**reading.page(self.scope, article), **kwargs)


class Glossary(LearnPage):
    template_name = "guides/learn/glossary.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(letters=reading.letters(self.scope), **kwargs)


class Which(LearnPage):
    template_name = "guides/learn/which.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET
        form = WhichForm(asked) if "people" in asked or "devices" in asked else WhichForm(initial=FIRST)
        advice = None
        if form.is_bound and form.is_valid():
            advice = advise(form.answers(filled=self._filled(), pop3=self._pop3()))
        leads = {
            "connect_url": self._connect(),
            "compare_url": self.scope.url("article", "imap-or-pop"),
            "leave_url": self.scope.url("article", "pop-leave-on-server"),
        }
        return super().get_context_data(form=form, advice=advice, **leads, **storage(self.scope), **kwargs)

    def _connect(self) -> str:
        if self.kind == DOMAIN and self.scope.domain and self.scope.mailbox:
            return reverse("mailbox-connect", args=[self.scope.domain.name, self.scope.mailbox.local])
        return self.scope.page("connect")

    def _filled(self) -> float | None:
        box = self.scope.mailbox
        return box.used_mb / box.quota_mb if box else None

    def _pop3(self) -> bool:
        return self.scope.config.server(Protocol.POP3) is not None


@require_POST
def helpful(request: HttpRequest) -> HttpResponse:
    """“Was this helpful?”: said, and back to the page."""
    form = VoteForm(request.POST)
    if not form.is_valid() or not voting.known(form.cleaned_data["subject"]):
        raise Http404
    said = form.cleaned_data
    voting.vote_set(
        actor=request.user,
        subject=said["subject"],
        helpful=said["helpful"] == "yes",
        sentence=said["sentence"] if "sentence" in request.POST else None,
    )
    index = reverse("own-learn" if isinstance(request.user, MailboxUser) else "learn")
    return back_to(request, index, "helpful")
