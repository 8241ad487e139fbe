/** The translation strategy without a structure of its own: every TLB miss walks the guest's tables. */
@NullMarked
package annulus.memory.direct;

import org.jspecify.annotations.NullMarked;
