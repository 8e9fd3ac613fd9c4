"""What zaps cost and how long boots take: constants with sources, and the queue at mmu_lock."""
