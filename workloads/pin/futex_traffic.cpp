// SPDX-License-Identifier: GPL-2.0
// FUTEX_WAKE of a shared futex in the page. kernel/futex/core.c, get_futex_key() (kernel/futex.c in
// 5.10) gets the page with get_user_pages_fast() (FOLL_GET), reads its mapping and inode under RCU,
// and puts it, all in the calling thread. In 6.12 the put is folio_put(), which does not look for
// the step from 2 to 1 that a layout break waits for; only put_page() does (include/linux/mm.h).
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "workloads/pin/traffic.h"

namespace daxbreak {
namespace {

class FutexTraffic final : public TrafficPin {
 public:
  ~FutexTraffic() override { stop(); }

 protected:
  Result<void> prepare(std::span<std::byte> memory) override {
    word_ = memory.data();
    return ok();
  }

  int round() override {
    return ::syscall(SYS_futex, word_, FUTEX_WAKE, 1, nullptr, nullptr, 0) < 0 ? errno : 0;
  }

 private:
  std::byte* word_ = nullptr;
};

const PinRegistry::Add registered{{
    .name = "futex-traffic",
    .help = "FUTEX_WAKE on the page in a loop (FOLL_GET, for moments; get_futex_key()); last put "
            "by the calling thread",
    .flavour = Flavour::get,
    .transient = true,
    .file_only = true,
    .flow = PinFlow::none,
    .make = [] { return std::make_unique<FutexTraffic>(); },
    .recipe = {.includes = "#include <linux/futex.h>\n",
               .functions = R"(static pthread_t pin_thread;
static volatile int pin_stop;

static void *pin_rounds(void *word)
{
	while (!pin_stop)
		syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
	return NULL;
}
)",
               .hold = "\tcheck(!pthread_create(&pin_thread, NULL, pin_rounds, page), "
                       "\"pthread_create\");\n",
               .release = "\tpin_stop = 1;\n\tpthread_join(pin_thread, NULL);\n"},
}};

}  // namespace
}  // namespace daxbreak
