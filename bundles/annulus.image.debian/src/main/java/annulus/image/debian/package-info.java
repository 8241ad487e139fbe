/** A Linux guest without files of the user's: the host's or the distribution's kernel, static busybox, and an initramfs made of it. */
@NullMarked
package annulus.image.debian;

import org.jspecify.annotations.NullMarked;
