"""P-A: medication, prescribed and monitored."""

from __future__ import annotations

import re

from vaultcli.psychotherapy.advice.phrases import Phrases, W, listed, one_of
from vaultcli.psychotherapy.advice.rule import DEFINITION, Rule

DRUGS = listed(
    "sertraline zoloft fluoxetine prozac escitalopram lexapro citalopram celexa paroxetine paxil venlafaxine effexor "
    "desvenlafaxine pristiq duloxetine cymbalta bupropion wellbutrin mirtazapine remeron trazodone amitriptyline "
    "nortriptyline clomipramine imipramine vortioxetine trintellix vilazodone viibryd lithium lamotrigine lamictal "
    "valproate depakote carbamazepine tegretol oxcarbazepine topiramate quetiapine seroquel olanzapine zyprexa "
    "risperidone risperdal aripiprazole abilify ziprasidone geodon lurasidone latuda paliperidone invega cariprazine "
    "vraylar haloperidol haldol clozapine clozaril lorazepam ativan alprazolam xanax clonazepam klonopin diazepam "
    "valium temazepam zolpidem ambien eszopiclone lunesta hydroxyzine vistaril buspirone buspar propranolol prazosin "
    "clonidine guanfacine intuniv methylphenidate ritalin concerta adderall vyvanse lisdexamfetamine dextroamphetamine "
    "atomoxetine strattera modafinil naltrexone vivitrol buprenorphine suboxone methadone disulfiram antabuse "
    "acamprosate melatonin gabapentin pregabalin esketamine spravato ketamine phenelzine nardil selegiline doxepin "
    "donepezil memantine levothyroxine fluvoxamine luvox"
)
_DRUG = one_of(*DRUGS)
_KIND = one_of(
    "medications?",
    "meds?",
    "antidepressants?",
    "ssris?",
    "snris?",
    "benzodiazepines?",
    "benzos?",
    "mood stabili[sz]ers?",
    "anti-?psychotics?",
    "stimulants?",
    "sleeping (?:pills?|tablets?)",
    "anxiolytics?",
    "medicines?",
    "depot",
)
_ANY = one_of(_DRUG, _KIND)
_DOING = one_of(
    r"(?:re)?start(?:s|ed|ing)?",
    r"beg[aiu]n(?:ning)?",
    r"continu(?:e|es|ed|ing)",
    r"stop(?:s|ped|ping)?",
    r"discontinu\w+",
    r"increas\w+",
    r"decreas\w+",
    r"reduc(?:e|ed|ing)",
    r"raised",
    r"lowered",
    r"titrat\w+",
    r"taper\w*",
    r"switch(?:ed|ing)?(?: from| to)?",
    r"tak(?:es|ing|en)",
    "took",
    "on",
    "off",
    r"prescri\w+",
    r"refill(?:s|ed|ing)?(?: of| for)?",
    "trial of",
    r"miss(?:ed|es|ing)",
    r"skip(?:s|ped|ping)",
    "ran out of",
    r"maintained on",
)
_BETWEEN = (
    r"(?:(?:his|her|their|the|all|any|some|a|an|new|old|daily|same|own|dose|doses|of|with|without|current|"
    r"psychiatric|prescribed|morning|evening|low|high) ){0,3}"
)

RULE = Rule(
    id="P-A",
    name="medication",
    message="medication, prescribed or monitored",
    seeks="a drug with a dose or with what is done with it (begun, taken, changed, stopped, refilled), side effects, how "
    "reliably it is taken",
    why="medication prescription and monitoring are named as no part of psychotherapy notes; written here they are still "
    "part of the ordinary record",
    citation=DEFINITION,
    belongs="the chart: the medication list or a coordination note; the prescriber's record",
    sure="fairly; what a pill means to the client is left alone, also where a fact stands in the same sentence; drugs that "
    "its list lacks are missed without a dose",
    look=Phrases(
        stems=(
            "medic",
            "med",
            "mg",
            "mcg",
            "dose",
            "dosage",
            "side effect",
            "side-effect",
            "refill",
            "prescri",
            "ssri",
            "snri",
            "benzo",
            "stabili",
            "antipsych",
            "antidepress",
            "anxiolytic",
            "stimulant",
            "sleeping",
            "depot",
            *DRUGS,
        ),
        strong=re.compile(
            one_of(
                r"\b\d+(?:\.\d+)? ?(?:mg|mcg|milligrams?)\b",
                rf"\b{_DRUG} \d",
                r"\b(?:medication|meds?) (?:list|management|monitoring|checks?|reconciliation|compliance|adherence|changes?)\b",
                r"^(?:current )?(?:medications?|meds|rx)\s*:",
                r"\bno (?:current )?medications?(?: changes?| at (?:this|present))",
            )
        ),
        weak=re.compile(
            one_of(
                rf"\b{_DOING} {_BETWEEN}{_ANY}\b(?! (?:school|student|bottle))",
                rf"\b{_ANY} {W}{{0,3}}(?:was|were|is|been) {W}{{0,1}}(?:started|stopped|increased|decreased|raised|lowered|"
                rf"reduced|changed|prescribed|discontinued)",
                r"\bside[- ]effects?\b",
                rf"\btolerat(?:es|ed|ing) {W}{{0,2}}{_ANY}\b",
                rf"\b(?:non-?)?(?:complian|adheren)(?:t|ce) (?:with|to) {W}{{0,2}}{_ANY}\b",
                r"(?:^|\b(?:new|her|his|their|a|the|renewed) )prescriptions? (?:for|from|was|will|tomorrow|today)\b",
                rf"\b{_DRUG} (?:has|is|seems to be|was) (?:help|work|caus)\w+",
            )
        ),
    ),
    excluded=True,
)
