"""P-G: a summary of the treatment plan."""

from __future__ import annotations

import re

from vaultcli.psychotherapy.advice.modality import NAMED
from vaultcli.psychotherapy.advice.phrases import Phrases, W, one_of
from vaultcli.psychotherapy.advice.rule import DEFINITION, Rule

_TASK = one_of(
    r"journal(?:l?ing)?",
    "worksheets?",
    r"(?:\w+ )?(?:log|diary|record|chart)s?\b",
    "exercises?",
    "homework",
    "breathing",
    "reading",
    "activity schedul\\w+",
    "safety plan",
    NAMED,
)

RULE = Rule(
    id="P-G",
    name="treatment plan",
    message="a summary of the treatment plan",
    seeks="the plan and its goals, homework, referrals, follow-up, the next appointment, techniques to be used next",
    why="any summary of the treatment plan is named as no part of psychotherapy notes",
    citation=DEFINITION,
    belongs="the chart: the plan of the progress note, or the treatment plan",
    sure="fairly; what the clinician wants to keep in mind for the next hour is left alone unless it is a technique or a task",
    look=Phrases(
        stems=(
            "plan",
            "goal",
            "objective",
            "homework",
            "assign",
            "refer",
            "follow",
            "appointment",
            "session",
            "discharge",
            "coordinat",
            "introduce",
            "rtc",
            "f/u",
            "will ",
            "continue",
            "begin",
            "start",
            "practi",
            "teach",
            "next visit",
            "explore",
        ),
        strong=re.compile(
            one_of(
                r"^(?:plan|treatment plan|goals?|objectives?|next steps|homework|hw|follow[- ]up|referrals?|discharge "
                r"plan\w*)\s*:\s*\S",
                rf"\b(?:review\w*|updat\w*|revis\w*|sign(?:ed|ing)?|develop\w*|agreed (?:on|to)|complet\w*|discuss\w*|"
                rf"continue(?:s|d)?|per) {W}{{0,3}}(?:treatment|care|safety|crisis|service|relapse prevention) plan\b",
                r"\b(?:treatment|care|safety|crisis) plan (?:(?:was|is|has been|to be|remains) )?(?:reviewed|updated|"
                r"revised|signed|completed|unchanged|in place|continued?|developed|due)\b",
                r"\b(?:treatment|therapy|therapeutic|long[- ]term|short[- ]term) (?:goals?|objectives?)\b",
                r"\b(?:goal|objective)s? (?:#|no\. ?|number )?\d\b",
                r"\bdischarge (?:planning|criteria|plan)\b",
                r"\b(?:rtc|f/u)\b",
            )
        ),
        weak=re.compile(
            one_of(
                rf"\b(?:assigned|gave|given|completed?|did not (?:do|complete)|reviewed?|set|agreed on) {W}{{0,3}}homework\b",
                r"\bhomework (?:(?:is|was) )?(?:for|to|assigned|complete|completed|not completed|done|given|reviewed|set)\b",
                rf"^(?:will )?(?:assign|introduce|begin|start|teach|practi[sc]e|continue|use|try|add)(?:s|ing)?(?: with)? "
                rf"{W}{{0,3}}{_TASK}",
                rf"\b(?:will|plan to|plans to|going to|i should|i will|let us) (?:assign|introduce|begin|start|teach|"
                rf"practi[sc]e|continue|use|try|add) {W}{{0,3}}{_TASK}",
                rf"\b(?:will|plan to|to) refer {W}{{0,3}}(?:to|for)\b",
                rf"\b(?:referred|referral(?:s)?(?: made| placed| sent| given)?) {W}{{0,3}}(?:to|for) (?:a |an |the "
                rf")?{W}{{0,2}}(?:psychiatr\w+|evaluation|assessment|group|clinic|program|specialist|physician|doctor|pcp|"
                rf"gp|dietitian|neurolog\w+|detox|iop|testing|medication)",
                r"\bnext (?:appointment|session|visit|meeting) (?:is |was |has been )?(?:scheduled|set|booked|planned|on "
                r"(?:the |mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|\d)|in \w+ weeks?|in "
                r"(?:a|two|\d) weeks?|(?:mon|tues|wednes|thurs|fri)day|at \d)",
                r"\b(?:follow[- ]up|return) (?:in|on|appointment|scheduled|with (?:pcp|psychiatr\w+|gp))\b",
                r"\bcontinue (?:with )?(?:current |the |weekly |individual |ongoing |present )*(?:treatment|therapy|"
                r"psychotherapy|sessions|plan|interventions|poc|medication)\b",
                rf"\b(?:coordinat\w+|liaise|consult) {W}{{0,2}}(?:care )?with {W}{{0,2}}(?:pcp|psychiatrist|prescriber|"
                rf"school counsel\w+|gp|physician|case manager)\b",
                r"\b(?:plan|the plan) is (?:to|for) (?:continue|meet|increase|decrease|reduce|refer|start|begin|introduce|"
                r"taper|see|use|move)\b",
            )
        ),
    ),
    excluded=True,
)
