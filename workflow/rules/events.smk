# Before and after the jobs: locks, the estimate, the last lines on the screen.
import atexit
import subprocess
from contextlib import suppress

from reverie import estimates, jobs, running

ERRORS = []  # sentences about the failure of the run

if engine.is_main(workflow):
    running.interrupt_once()
    OTHER = running.holder(RUN)
    if OVERLAYS is not None and (others := provenance.overlays(RUN)) not in (None, OVERLAYS):
        sys.exit(
            f"{RUN} is already the run of {' and '.join(others) or 'config.yaml alone'}, not of "
            f"{' and '.join(OVERLAYS) or 'config.yaml alone'}; rename an overlay, or name this run "
            "by `run:` in one of them."
        )


def lock():
    """Lock what this workflow writes, its run and assets, against other workflows."""
    running.lock(RUN, OTHER)
    for job in engine.jobs_to_run(workflow):
        if "record" in job.output.keys():  # whatever another workflow calls the rule
            running.lock(Path(job.output.record))


def start_mps():
    """Start what lets jobs share a GPU at the same time, if the user asks; on a cluster, the nodes must."""
    if SETTINGS.mps and GPUS and engine.limit(workflow, "_nodes") is None:
        try:
            devices.start_mps()
        except ReverieError as error:
            sys.exit(str(error))


def write_plan():
    """Write the provenance known at the start, for the report of an unfinished run."""
    facts = (LECTURE, OVERLAYS, full_budget(None), used_assets(), job_records(None))
    plan = provenance.plan(COMMAND, dict(config), *facts)
    plan["rules"] = [rule.name for rule in workflow.rules]
    outputs = (Path(file) for job in engine.jobs_to_run(workflow) for file in job.output)
    plan["outdated"] = [
        file.relative_to(RUN).as_posix()
        for file in outputs
        if file.is_relative_to(RUN) and file.exists()
    ]
    with suppress(OSError):  # the first job reports that the disk cannot be written
        provenance.write(plan, PLAN)


def estimate():
    """One line about what will be trained and drawn, and how long that will take."""
    jobs = [
        (estimates.identity(job.rule.name, job.wildcards_dict), job.resources.estimated_seconds)
        for job in engine.planned_jobs(workflow)
        if "estimated_seconds" in job.rule.resources
    ]
    cores, nodes, gpus = (engine.limit(workflow, name) for name in ("_cores", "_nodes", "gpu"))
    at_once = nodes or min(filter(None, [cores, gpus if GPU else None]), default=1)
    known = estimates.corrections(RUN.parent, bool(GPU))
    line = estimates.sentence(jobs, known, at_once, bool(GPU))
    if not GPU and devices.gpus():
        extra = "jax-gpu" if SETTINGS.backend == "jax" else "gpu"
        line += f" A GPU stays idle, since this environment has no build for it: `make venv EXTRA={extra}` makes one."
    return line


def write_protected():
    """Write-protected outputs that must be replaced; Snakemake then fails without starting a job."""
    outputs = [file for job in engine.jobs_to_run(workflow) for file in job.output]
    return [file for file in outputs if os.path.exists(file) and not os.access(file, os.W_OK)]


def report_failure():
    """After a failure, write a report of the results so far and collect the sentences to print last."""
    build = [sys.executable, "-m", "reverie.report", "build", str(RUN)]
    built = subprocess.run(build, capture_output=True, text=True)
    ERRORS.append((built.stdout or built.stderr).strip().rpartition("\n")[2])
    failed = engine.failed_jobs(workflow)
    ERRORS.extend(
        dict.fromkeys(jobs.failure(job.rule.name, job.wildcards_dict, job.log[0]) for job in failed)
    )
    if not failed:
        ERRORS.append("Interrupted; the same command goes on where it stopped.")


def last_lines():
    """Print the path of the report, or the errors, below all of Snakemake's own lines."""
    if not engine.has_planned(workflow):
        return
    if engine.is_dry_run(workflow):
        if engine.has_scheduled(workflow):
            print(estimate())
    elif ERRORS:
        print("", *ERRORS, sep="\n", file=sys.stderr)
    elif protected := write_protected():
        print(
            f"{protected[0]} is to be made again but may not be written; make it writable, or the "
            "disk on which it lies, then start again.",
            file=sys.stderr,
        )
    elif engine.has_scheduled(workflow) and not engine.jobs_to_run(workflow):
        if {"all", "report"} & engine.targets(workflow):
            with suppress(OSError):
                PARTIAL_REPORT.unlink(missing_ok=True)
                PLAN.unlink(missing_ok=True)
            print(f"The report: {REPORT}")


atexit.register(last_lines)
