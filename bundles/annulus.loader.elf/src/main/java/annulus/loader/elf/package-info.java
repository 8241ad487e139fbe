/** ELF kernels with a PVH entry note, such as an unpacked vmlinux. */
@NullMarked
package annulus.loader.elf;

import org.jspecify.annotations.NullMarked;
