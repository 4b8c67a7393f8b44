#!/usr/bin/env bash
# A real Slurm of one node with two GPUs that do not exist: `slurm.sh start`, `slurm.sh stop`.
# Debian's slurm-wlm and munge, as root. Its configuration must lie in /etc/slurm, since the executor
# plugin of Snakemake takes every SLURM_ variable from the jobs, SLURM_CONF too.
set -euo pipefail

state=/tmp/reverie-slurm
config=/etc/slurm
mark="# Made by Reverie's tests."

refuse() {
    echo "$1" >&2
    exit 1
}

stop() {
    for daemon in slurmd slurmctld; do
        if [ -s "$state/$daemon.pid" ]; then kill "$(cat "$state/$daemon.pid")" 2>/dev/null || true; fi
    done
    for _ in $(seq 50); do
        if ! pgrep -f "slurm(d|ctld) -f $config" >/dev/null; then break; fi
        sleep 0.2
    done
    if [ -s "$state/munged.pid" ]; then kill "$(cat "$state/munged.pid")" 2>/dev/null || true; fi
    if grep -qsF "$mark" "$config/slurm.conf"; then rm -f "$config/slurm.conf" "$config/gres.conf"; fi
    rm -rf "$state"
}

start() {
    [ "$(id -u)" -eq 0 ] || refuse "Slurm's daemons are started as root."
    for program in munged slurmctld slurmd; do
        command -v $program >/dev/null || refuse "$program is missing: apt-get install slurm-wlm munge"
    done
    if [ -e "$config/slurm.conf" ] && ! grep -qF "$mark" "$config/slurm.conf"; then
        refuse "$config/slurm.conf is there and not from these tests, which leave it alone."
    fi
    stop
    mkdir -p "$state/spool" "$state/ctld" "$config" /run/munge
    chown munge: /run/munge
    runuser -u munge -- munged --pid-file=/run/munge/reverie.pid
    cp /run/munge/reverie.pid "$state/munged.pid"
    for number in 0 1; do mknod "$state/gpu$number" c 195 $number; done
    host=$(hostname -s)
    memory=$(($(awk '/MemTotal/ {print int($2 / 1024)}' /proc/meminfo) - 500))
    cat >"$config/slurm.conf" <<CONF
$mark
ClusterName=reverie
SlurmctldHost=$host(127.0.0.1)
AuthType=auth/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$state/ctld
SlurmdSpoolDir=$state/spool
SlurmctldPidFile=$state/slurmctld.pid
SlurmdPidFile=$state/slurmd.pid
SlurmctldLogFile=$state/slurmctld.log
SlurmdLogFile=$state/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MailProg=/bin/true
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
GresTypes=gpu
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MinJobAge=300
KillWait=10
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc --all) RealMemory=$memory Gres=gpu:2 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
    cat >"$config/gres.conf" <<CONF
$mark
AutoDetect=off
Name=gpu File=$state/gpu[0-1]
CONF
    slurmctld -f "$config/slurm.conf"
    slurmd -f "$config/slurm.conf"
    for _ in $(seq 100); do
        if [ "$(sinfo -h -o %t 2>/dev/null)" = idle ]; then return; fi
        sleep 0.2
    done
    tail -n 5 "$state"/slurm*.log >&2
    refuse "Slurm did not come up."
}

case "${1:-}" in
start | stop) "$1" ;;
*) refuse "usage: slurm.sh start|stop" ;;
esac
