"""What Snakemake knows and does not offer in public: only this module reads its internals.

Everywhere, ``workflow`` is the object of that name in a Snakefile.
"""

import os

from snakemake.io import strip_wildcard_constraints
from snakemake.settings.types import DeploymentMethod


def is_main(workflow) -> bool:
    """Whether this process plans and starts jobs, not one of its jobs."""
    return workflow.is_main_process


def is_dry_run(workflow) -> bool:
    return workflow.dryrun


def reads_own_configuration(workflow) -> bool:
    """Whether the configuration files are ours: not those of a workflow that uses this one."""
    return is_main(workflow) and not workflow.modifier.skip_configfile


def overlays(workflow) -> list[str]:
    """Paths of the files after `--configfile`."""
    return [os.path.relpath(file) for file in workflow.overwrite_configfiles]


def configuration_files(workflow) -> list[str]:
    """All configuration files, each before those that overlay it."""
    base = [os.path.relpath(file) for file in workflow.configfiles]
    return [file for file in base if file not in overlays(workflow)] + overlays(workflow)


def uses_conda(workflow) -> bool:
    return DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method


def requests_gpus(workflow) -> bool:
    """Whether a profile or `--set-resources` gives some rule a GPU."""
    requests = workflow.resource_settings.overwrite_resources.values()
    return any("gpu" in resources for resources in requests)


def limit(workflow, resource: str) -> int | None:
    """How much of `_cores`, `_nodes` or a resource all jobs together may use."""
    return workflow.global_resources.get(resource).value


def limit_gpus(workflow, places: int) -> None:
    """Let at most so many jobs be on GPUs of this machine, unless the user has set another limit."""
    if limit(workflow, "_nodes") is None and limit(workflow, "gpu") is None:
        workflow.register_resource("gpu", places)


def file_patterns(workflow, kind: str) -> list[str]:
    """The paths of every rule's `log` or `output`, as ``kind`` says, with wildcards."""
    return [
        strip_wildcard_constraints(file) for rule in workflow.rules for file in getattr(rule, kind)
    ]


def has_planned(workflow) -> bool:
    """Whether this process plans and starts jobs, and has come so far."""
    return is_main(workflow) and None not in (workflow.executor_plugin, workflow.dag)


def has_scheduled(workflow) -> bool:
    """Whether the plan could be made, so that jobs are started, if there are any."""
    return workflow.scheduler is not None


def planned_jobs(workflow) -> list:
    """All jobs of this start, finished or not."""
    return list(workflow.dag.needrun_jobs(exclude_finished=False))


def jobs_to_run(workflow) -> list:
    """Those that have not finished."""
    return list(workflow.dag.needrun_jobs())


def targets(workflow) -> set[str]:
    """Names of the rules that were asked for."""
    return {rule.name for rule in workflow.dag.targetrules}


def failed_jobs(workflow) -> list:
    return sorted(workflow.scheduler.failed, key=str)
