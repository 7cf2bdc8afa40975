"""A pool of processes with a manager, a lock and shared memory: what it prints is always the same."""
import multiprocessing
from multiprocessing import shared_memory


def work(task):
    name, box, lock, i = task
    memory = shared_memory.SharedMemory(name)
    with lock:
        memory.buf[0] += 1
        box[i] = i * i
    memory.close()
    return i


if __name__ == "__main__":
    with multiprocessing.Manager() as manager:
        box, lock = manager.dict(), manager.Lock()
        memory = shared_memory.SharedMemory(create=True, size=64)
        with multiprocessing.Pool(4) as pool:
            print(sum(pool.map(work, [(memory.name, box, lock, i) for i in range(100)], 3)))
        print(memory.buf[0], sum(box.values()))
        memory.close()
        memory.unlink()
