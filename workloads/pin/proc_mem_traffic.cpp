// SPDX-License-Identifier: GPL-2.0
// pread(2) of /proc/self/mem at the page. mm/memory.c, __access_remote_vm() gets the page with
// get_user_pages_remote() (FOLL_GET), copies from it, and puts it, under the mmap lock; in 6.12 by
// folio_put(), as futex_traffic.cpp tells (include/linux/highmem.h, unmap_and_put_page()).
// PTRACE_PEEKDATA goes the same way (kernel/ptrace.c, ptrace_access_vm()).
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "base/file.h"
#include "workloads/pin/traffic.h"

namespace daxbreak {
namespace {

class ProcMemTraffic final : public TrafficPin {
 public:
  ~ProcMemTraffic() override { stop(); }

 protected:
  Result<void> prepare(std::span<std::byte> memory) override {
    auto file = open_file("/proc/self/mem", O_RDONLY);
    if (!file) return file.error();
    file_ = std::move(*file);
    at_ = static_cast<off_t>(reinterpret_cast<std::uintptr_t>(memory.data()));
    return ok();
  }

  int round() override {
    std::array<std::byte, 4096> bytes;
    return ::pread(file_.get(), bytes.data(), bytes.size(), at_) < 0 ? errno : 0;
  }

 private:
  Fd file_;
  off_t at_ = 0;
};

const PinRegistry::Add registered{{
    .name = "proc-mem-traffic",
    .help = "pread(2) of /proc/self/mem at the page in a loop (FOLL_GET, for moments; "
            "__access_remote_vm(), as ptrace); last put by the calling thread",
    .flavour = Flavour::get,
    .transient = true,
    .flow = PinFlow::none,
    .make = [] { return std::make_unique<ProcMemTraffic>(); },
    .recipe = {.functions = R"(static pthread_t pin_thread;
static volatile int pin_stop;

static void *pin_rounds(void *at)
{
	int mem = open("/proc/self/mem", O_RDONLY);
	char bytes[4096];

	while (!pin_stop && pread(mem, bytes, sizeof(bytes), (uintptr_t)at) >= -1)
		;
	close(mem);
	return NULL;
}
)",
               .hold = "\tcheck(!pthread_create(&pin_thread, NULL, pin_rounds, page), "
                       "\"pthread_create\");\n",
               .release = "\tpin_stop = 1;\n\tpthread_join(pin_thread, NULL);\n"},
}};

}  // namespace
}  // namespace daxbreak
