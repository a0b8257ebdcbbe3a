// SPDX-License-Identifier: GPL-2.0
// The process whose pages the device has ends, by itself or by SIGKILL.
#include <unistd.h>

#include <csignal>

#include "workloads/breaker/private_memory.h"

namespace daxbreak {
namespace {

int leave(BreakTarget& /*target*/) {
  ::_exit(0);
}

int die(BreakTarget& /*target*/) {
  ::raise(SIGKILL);
  return 0;
}

const AddForBoth left{
    {
        .name = "private-exit",
        .help = "device-private: the owner's process ends while the device has its pages",
        .takes = Takes::no,
        .ends_process = true,
        .run = leave,
    },
    "coherent-exit",
    "device-coherent: the owner's process ends while the device has its pages"};

const AddForBoth killed{
    {
        .name = "private-kill",
        .help = "device-private: the owner's process is killed while the device has its pages",
        .takes = Takes::no,
        .ends_process = true,
        .run = die,
    },
    "coherent-kill",
    "device-coherent: the owner's process is killed while the device has its pages"};

}  // namespace
}  // namespace daxbreak
