#include <malloc.h>
#include <stddef.h>

// Bytes allocated and not freed, on all arenas and in mappings of their own. In C, since in Swift the name mallinfo2
// means the structure and not the function.
static inline size_t heapBytesInUse(void) {
  struct mallinfo2 account = mallinfo2();
  return account.uordblks + account.hblkhd;
}
