"""Facts about the workflow that only Snakemake's internals hold; no other module reads these.

``workflow`` is always the object of that name in a Snakefile.
"""

import io
import os
from functools import cache

from snakemake.io import strip_wildcard_constraints
from snakemake.settings.types import DeploymentMethod


def is_main(workflow) -> bool:
    """Whether this process plans and starts jobs; False in the process of a job."""
    return workflow.is_main_process


def is_dry_run(workflow) -> bool:
    return workflow.dryrun


def reads_own_configuration(workflow) -> bool:
    """Whether the configuration files are Reverie's, not those of a workflow that uses it as a module."""
    return is_main(workflow) and not workflow.modifier.skip_configfile


def overlays(workflow) -> list[str]:
    """Paths of the files after `--configfile`."""
    return [os.path.relpath(file) for file in workflow.overwrite_configfiles]


def configuration_files(workflow) -> list[str]:
    """All configuration files in the order in which they are merged."""
    base = [os.path.relpath(file) for file in workflow.configfiles]
    return [file for file in base if file not in overlays(workflow)] + overlays(workflow)


def uses_conda(workflow) -> bool:
    return DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method


def gpu_requests(workflow) -> dict[str, bool]:
    """Whether jobs request a GPU, for each rule of which a profile or `--set-resources` says it."""
    requests = workflow.resource_settings._parsed_overwrite_resources
    return {
        rule: resources["gpu"].raw != 0
        for rule, resources in requests.items()
        if "gpu" in resources
    }


def full_name(workflow, rule: str) -> str:
    """The name of the rule in the whole workflow, which may use this one as a module."""
    return workflow.modifier.modify_rulename(rule)


def limit(workflow, resource: str) -> int | None:
    """How much of `_cores`, `_nodes` or a resource all jobs together may use; None if unlimited."""
    return workflow.global_resources.get(resource).value


def limit_gpus(workflow, jobs: int) -> None:
    """Limit the number of local jobs on GPUs at a time, unless the user has set a limit."""
    if limit(workflow, "_nodes") is None and limit(workflow, "gpu") is None:
        workflow.register_resource("gpu", jobs)


def read_scripts_once(workflow) -> None:
    """Let Snakemake find and read each script once: with thousands of jobs, each doing so takes seconds."""
    files = workflow.sourcecache
    files._cache = cache(files._cache)
    open_file = files.open

    @cache
    def content(file) -> str:
        with open_file(file) as opened:
            return opened.read()

    def open_once(file, mode="r"):
        return io.StringIO(content(file)) if mode == "r" else open_file(file, mode)

    files.open = open_once


def file_patterns(workflow, kind: str) -> list[str]:
    """The paths, with wildcards, of all rules' `log` or `output`, whichever ``kind`` says."""
    return [
        strip_wildcard_constraints(file) for rule in workflow.rules for file in getattr(rule, kind)
    ]


def has_planned(workflow) -> bool:
    """Whether this process plans and starts jobs, and has begun to plan."""
    return is_main(workflow) and None not in (workflow.executor_plugin, workflow.dag)


def has_scheduled(workflow) -> bool:
    """Whether the plan could be made, so that jobs are started, if there are any."""
    return workflow.scheduler is not None


def planned_jobs(workflow) -> list:
    """All jobs that this process runs, finished or not."""
    return list(workflow.dag.needrun_jobs(exclude_finished=False))


def jobs_to_run(workflow) -> list:
    """The planned jobs that have not finished."""
    return list(workflow.dag.needrun_jobs())


def targets(workflow) -> set[str]:
    """Names of the rules that the user requested."""
    return {rule.name for rule in workflow.dag.targetrules}


def failed_jobs(workflow) -> list:
    return sorted(workflow.scheduler.failed, key=str)
