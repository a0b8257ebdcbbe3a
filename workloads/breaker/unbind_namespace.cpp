// SPDX-License-Identifier: GPL-2.0
// The pmem driver is taken from the namespace under the mounted filesystem (sysfs `unbind`): the
// block device goes, and with it the struct pages. 5.10 waits in memunmap_pages() until every page
// was put; later kernels free the memory map under the pin (mm/memremap.c, memunmap_pages()), and
// the put that comes then finds nothing. Nothing is left to be put right.
#include <cerrno>
#include <filesystem>

#include "pmem/frames.h"
#include "workloads/breaker/breaker.h"
#include "workloads/breaker/unbind.h"

namespace daxbreak {
namespace {

int find_driver(BreakTarget& target) {
  auto disk = block_device(target.device);
  if (!disk) return disk.error().number != 0 ? disk.error().number : ENODEV;
  std::error_code failed;
  const std::filesystem::path device = std::filesystem::canonical(disk->sysfs / "device", failed);
  return failed ? failed.value() : prepare_unbind(target, device);
}

const BreakerRegistry::Add registered{{
    .name = "unbind-namespace",
    .help = "sysfs unbind of the namespace under the mounted filesystem: the struct pages go",
    .may_be_refused = true,
    .own_filesystem = true,
    .can_wedge = true,
    .arm = find_driver,
    .run = unbind_now,
    .recipe = {.includes = "#include <sys/sysmacros.h>\n",
               .functions =
                   "static char break_driver[512], break_name[64];\n"
                   "static void break_find(void) { /* the nd device under the filesystem */\n"
                   "  struct stat file;\n"
                   "  char link[128];\n"
                   "  check(fstat(fd, &file) == 0, \"stat the file\");\n"
                   "  snprintf(link, sizeof link, \"/sys/dev/block/%u:%u/device\",\n"
                   "           major(file.st_dev), minor(file.st_dev));\n"
                   "  char *device = realpath(link, NULL);\n"
                   "  check(device != NULL, \"find the namespace in sysfs\");\n"
                   "  snprintf(break_name, sizeof break_name, \"%s\", strrchr(device, '/') + 1);"
                   "\n"
                   "  snprintf(break_driver, sizeof break_driver, \"%s/driver/unbind\", device);"
                   "\n"
                   "  free(device);\n"
                   "}\n"
                   "static int break_unbind(void) {\n"
                   "  int control = open(break_driver, O_WRONLY);\n"
                   "  if (control < 0) return -1;\n"
                   "  return (int)write(control, break_name, strlen(break_name));\n"
                   "}\n",
               .arm = "break_find();\n",
               .call = "break_unbind()"},
}};

}  // namespace
}  // namespace daxbreak
