# What holds for a sweep as a whole: its jobs run the code and the config that it began with.
#
# The driver keeps a copy of both when it starts (not for `-n`), so that people can go on editing.

from mpn_rl.tree import PROJECT, ROOT


def run_from(search):
    """Have every rule's script run from the copy whose folders `search` lists, the code's first."""
    folders = [folder for folder in search if Path(folder).is_dir()]
    if search[0] not in folders:
        return  # not visible from here: the code here is compared with what was asked for
    search_first(folders)
    rules_folder = Path(
        search[0], PROJECT.relative_to(ROOT), "workflow", "rules"
    ).absolute()
    for each in workflow.rules:
        if each.name in RULES:
            each.basedir = LocalSourceFile(str(rules_folder))


if ASKED is not None:
    run_from(ASKED.search)


onstart:
    try:
        named = {of: named_by(point) for of, point in points(SWEEP).items()}
        # a rule, and whether its code depends on the run
        by_run = {
            name: rule.per != "sweep"
            for name, rule in RULES.items()
            if not rule.stage
        }
        path = ask(SWEEP.document, named, by_run, SWEEP.analyses.values())
    except UserError as error:
        raise WorkflowError(str(error)) from None
    # to the scripts that the driver starts, and to the jobs that parse this again
    asked = hand_on(str(path))
    # which have no use for the files: these may be half written when a job begins
    workflow.config_settings.configfiles = []
    workflow.configfiles = []
    workflow.config_settings.config_args = [
        *workflow.config_settings.config_args,
        f"{VARIABLE}={path}",
    ]
    run_from(asked.search)


def after(ours, theirs):
    """A handler that calls ours, then what the importer has declared before."""
    return lambda log: (ours(), theirs(log))


if IMPORTED:
    # The engine leaves out the handlers of a module.
    workflow._onstart = after(onstart, workflow._onstart)
    workflow._onsuccess = after(onsuccess, workflow._onsuccess)
    workflow._onerror = after(onerror, workflow._onerror)
