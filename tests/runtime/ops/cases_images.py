"""The expressions over `tf.image`; how they are written is told in `table.py`."""

RESIZING = """
tf.image.resize(f(1,2,3,1),[4,5]) | gradient
tf.image.resize(f(5,7,2),[3,4]) | gradient
tf.image.resize(f(4,4,1),[4,4]) | gradient
tf.image.resize(i(3,4,1),[5,2])
tf.image.resize(tf.cast(i(3,4,1)+4,tf.uint8),[5,2])
tf.image.resize(d(3,4,1),[5,2])
tf.image.resize(h(3,4,1),[5,2])
tf.image.resize(f(3,4,2),[5,2],'nearest') | gradient
tf.image.resize(f(2,3,4,1),[7,9],method='nearest') | gradient
tf.image.resize(i(3,4,1),[5,2],'nearest')
tf.image.resize(f(6,5,1),[3,9],'bicubic') | gradient
tf.image.resize(f(6,5,1),[3,2],'bicubic',antialias=True) | gradient
tf.image.resize(f(6,5,1),[4,9],'area')
tf.image.resize(f(6,5,1),[4,9],'lanczos3') | gradient
tf.image.resize(f(6,5,1),[9,3],'lanczos5')
tf.image.resize(f(9,5,1),[4,3],'lanczos3',antialias=True) | gradient
tf.image.resize(f(6,5,1),[4,9],'gaussian')
tf.image.resize(f(9,9,1),[4,5],'gaussian',antialias=True)
tf.image.resize(f(6,5,1),[4,9],'mitchellcubic')
tf.image.resize(f(9,9,1),[4,5],'mitchellcubic',antialias=True)
tf.image.resize(f(9,8,2),[4,5],antialias=True) | gradient
tf.image.resize(f(3,4,1),[5,2],'nearest',antialias=True)
tf.image.resize(f(4,8,1),[6,6],preserve_aspect_ratio=True) | gradient
tf.image.resize(f(3,7,1),[10,10],preserve_aspect_ratio=True).shape
tf.image.resize(f(3,7,1),c([2,3]))
tf.image.resize(f(3,7),[2,3])
tf.image.resize(f(3,7,1),[2])
tf.image.resize(f(3,7,1),[2.5,3.])
tf.image.resize(f(3,7,1),[0,3])
tf.image.resize(f(3,7,1),[2,3],'what')
tf.image.resize(f(3,7,1),[2,3],tf.image.ResizeMethod.NEAREST_NEIGHBOR)
tf.image.resize_with_pad(f(4,8,1),6,6)
tf.image.resize_with_pad(f(1,8,3,2),5,9,'nearest')
tf.image.resize_with_pad(f(4,8,1),0,6)
tf.image.resize_with_crop_or_pad(f(4,8,1),6,5) | gradient
tf.image.resize_with_crop_or_pad(f(2,4,3,1),3,6)
tf.image.resize_with_crop_or_pad(i(5,5,1),2,2)
tf.image.resize_with_crop_or_pad(i(5,5,1),0,2)
"""

PLACES = """
tf.image.flip_left_right(f(2,3,1)) | gradient
tf.image.flip_up_down(f(2,2,3,1)) | gradient
tf.image.flip_left_right(i(2,3))
tf.image.flip_left_right(i(1,1,1,2,3))
tf.image.flip_left_right(i(0,2,1))
tf.image.transpose(f(2,3,1)) | gradient
tf.image.transpose(f(2,2,3,1))
tf.image.rot90(f(2,3,1)) | gradient
tf.image.rot90(f(2,2,3,1),k=3)
tf.image.rot90(i(2,3,1),2)
tf.image.rot90(i(2,3,1),4)
tf.image.central_crop(f(5,6,1),0.5) | gradient
tf.image.central_crop(i(2,5,8,1),0.3)
tf.image.central_crop(i(5,8,1),1.0)
tf.image.central_crop(i(5,8,1),1.5)
tf.image.central_crop(i(5,8),0.5)
tf.image.crop_to_bounding_box(f(5,6,1),1,2,3,4) | gradient
tf.image.crop_to_bounding_box(i(2,5,6,1),0,0,5,1)
tf.image.crop_to_bounding_box(i(5,6,1),3,0,3,1)
tf.image.crop_to_bounding_box(i(5,6,1),-1,0,3,1)
tf.image.crop_to_bounding_box(i(5,6,1),0,0,0,1)
tf.image.pad_to_bounding_box(f(2,3,1),1,2,5,6) | gradient
tf.image.pad_to_bounding_box(i(2,2,3,1),0,0,2,4)
tf.image.pad_to_bounding_box(i(2,3,1),1,0,2,4)
tf.image.image_gradients(f(1,3,3,1)) | gradient
tf.image.image_gradients(f(3,3,1))
tf.image.total_variation(f(3,3,2)) | gradient
tf.image.total_variation(f(2,3,3,2))
"""

COLORS = """
tf.image.convert_image_dtype(f(2,2,1),tf.float64) | gradient
tf.image.convert_image_dtype(p(2,2,1)/2,tf.uint8)
tf.image.convert_image_dtype(f(2,2,1)*2,tf.uint8,saturate=True)
tf.image.convert_image_dtype(p(2,2,1)/2,tf.int32)
tf.image.convert_image_dtype(tf.cast(i(2,2,1)+4,tf.uint8),tf.float32)
tf.image.convert_image_dtype(tf.cast(i(2,2,1)+4,tf.uint8),tf.float16)
tf.image.convert_image_dtype(tf.cast(i(2,2,1)+4,tf.uint8),tf.uint16)
tf.image.convert_image_dtype(tf.cast(i(2,2,1)+4,tf.uint8)*20,tf.int8)
tf.image.convert_image_dtype(f(2,2,1),tf.float32)
tf.image.convert_image_dtype(f(2,2,1),tf.bool)
tf.image.convert_image_dtype(b(2,2,1),tf.float32)
tf.image.per_image_standardization(f(3,4,2)) | gradient
tf.image.per_image_standardization(i(2,3,4,1))
tf.image.per_image_standardization(tf.ones([3,3,1]))
tf.image.adjust_brightness(f(2,2,3),0.2) | gradient
tf.image.adjust_brightness(tf.cast((i(2,2,3)+4)*30,tf.uint8),0.3)
tf.image.adjust_contrast(f(2,3,3),2.)
tf.image.adjust_contrast(tf.cast((i(2,2,3)+4)*30,tf.uint8),1.5)
tf.image.adjust_contrast(f(2,3),2.)
tf.image.adjust_gamma(p(2,2,3),2.,0.5) | gradient
tf.image.adjust_gamma(p(2,2,3),-1.)
tf.image.adjust_hue(p(3,4,3),0.3)
tf.image.adjust_hue(p(3,4,3),-0.4)
tf.image.adjust_hue(c([[[1.,1.,1.],[0.,0.,0.],[1.,1.,0.],[0.,1.,1.],[1.,0.,1.]]]),0.2)
tf.image.adjust_hue(tf.cast((i(2,2,3)+4)*30,tf.uint8),0.1)
tf.image.adjust_hue(p(3,4,3),1.5)
tf.image.adjust_hue(p(3,4,1),0.5)
tf.image.adjust_saturation(p(3,4,3),0.3)
tf.image.adjust_saturation(p(3,4,3)/2,3.)
tf.image.adjust_saturation(tf.cast((i(2,2,3)+4)*30,tf.uint8),2.)
tf.image.adjust_saturation(c([[[1.,1.,1.],[0.,0.,0.],[1.,1.,0.],[0.,1.,1.],[1.,0.,1.]]]),0.5)
tf.image.adjust_saturation(p(3,4,2),0.5)
tf.image.rgb_to_hsv(p(2,3,3))
tf.image.hsv_to_rgb(p(2,3,3)/2)
tf.image.rgb_to_grayscale(f(2,3,3)) | gradient
tf.image.rgb_to_grayscale(tf.cast((i(2,2,3)+4)*30,tf.uint8))
tf.image.grayscale_to_rgb(f(2,3,1)) | gradient
tf.image.grayscale_to_rgb(f(2,3,2))
tf.image.rgb_to_yiq(f(2,3,3)) | gradient
tf.image.yiq_to_rgb(f(2,3,3))
tf.image.rgb_to_yuv(f(2,3,3))
tf.image.yuv_to_rgb(f(2,3,3))
"""

CHANCE = """
tf.image.random_flip_left_right(f(3,2,1),seed=1)
[tf.image.random_flip_left_right(f(1,2,1),seed=at) for at in range(6)]
tf.image.random_flip_up_down(f(6,2,1,1),seed=3) | gradient
tf.image.random_flip_left_right(f(3,2),seed=1)
tf.image.random_crop(f(5,6,2),[2,3,2],seed=4) | gradient
tf.image.random_crop(i(9),[2],seed=5)
tf.image.random_crop(f(5,6,2),[6,3,2],seed=4)
tf.image.random_brightness(f(2,2,1),0.4,seed=2)
tf.image.random_brightness(f(2,2,1),-0.4,seed=2)
tf.image.random_contrast(f(2,2,1),0.4,2.,seed=2)
tf.image.random_contrast(f(2,2,1),2.,0.4,seed=2)
tf.image.random_hue(p(2,2,3),0.4,seed=2)
tf.image.random_hue(p(2,2,3),0.6,seed=2)
tf.image.random_saturation(p(2,2,3),0.4,2.,seed=7)
tf.image.random_saturation(p(2,2,3),-0.4,2.,seed=7)
tf.image.stateless_random_flip_left_right(f(3,2,1),seed=(1,2))
tf.image.stateless_random_flip_up_down(f(4,3,2,1),seed=[1,3])
tf.image.stateless_random_crop(f(5,6,2),[2,3,2],seed=(4,5))
tf.image.stateless_random_brightness(f(2,2,1),0.4,seed=(2,1))
tf.image.stateless_random_contrast(f(2,2,1),0.4,2.,seed=(2,1))
tf.image.stateless_random_hue(p(2,2,3),0.4,seed=(2,1))
tf.image.stateless_random_saturation(p(2,2,3),0.4,2.,seed=(7,1))
"""

FILES = """
tf.io.decode_png(g((2,2),(8,2),[0,10,20,30,200,100,50,2,1,2,3,4,5,6]),channels=0)
tf.io.decode_png(g((2,2),(8,2),[0,10,20,30,200,100,50,2,1,2,3,4,5,6]),channels=1)
tf.io.decode_png(g((2,2),(8,2),[0,10,20,30,200,100,50,2,1,2,3,4,5,6]),channels=2)
tf.io.decode_png(g((2,2),(8,2),[0,10,20,30,200,100,50,2,1,2,3,4,5,6]),channels=3)
tf.io.decode_png(g((2,2),(8,2),[0,10,20,30,200,100,50,2,1,2,3,4,5,6]),channels=4)
tf.io.decode_png(g((2,2),(8,2),[0,10,20,30,200,100,50,2,1,2,3,4,5,6]),channels=5)
tf.io.decode_png(g((2,2),(8,2),[0,10,20,30,200,100,50,2,1,2,3,4,5,6]),dtype=tf.uint16)
tf.io.decode_png(g((3,5),(8,6),[0,*range(12),1,*range(5,17),2,*range(12),3,*range(40,52),4,*range(90,102)]))
tf.io.decode_png(g((3,5),(8,6),[0,*range(12),1,*range(5,17),2,*range(12),3,*range(40,52),4,*range(90,102)]),channels=1)
tf.io.decode_png(g((3,5),(8,6),[0,*range(12),1,*range(5,17),2,*range(12),3,*range(40,52),4,*range(90,102)]),channels=3)
tf.io.decode_png(g((2,1),(16,0),[0,1,2,255,128]))
tf.io.decode_png(g((2,1),(16,0),[0,1,2,255,128]),dtype=tf.uint16)
tf.io.decode_png(g((2,1),(16,2),[0,*range(1,13)]),channels=1,dtype=tf.uint16)
tf.io.decode_png(g((3,1),(2,3),[0,24],PLTE=range(9)))
tf.io.decode_png(g((3,1),(2,3),[0,24],PLTE=range(9),tRNS=[9,8]))
tf.io.decode_png(g((3,1),(2,3),[0,24],PLTE=range(9),tRNS=[9,8]),channels=3)
tf.io.decode_png(g((1,1),(8,4),[0,7,9]))
tf.io.decode_png(g((1,1),(8,4),[0,7,9]),channels=1)
tf.io.decode_png(g((1,1),(8,4),[0,7,9]),channels=4)
tf.io.decode_png(g((3,1),(1,0),[0,160]))
tf.io.decode_png(g((3,1),(4,0),[0,18,48]))
tf.io.decode_png(g((2,1),(8,0),[0,7,9],tRNS=[0,9]))
tf.io.decode_png(g((2,1),(8,0),[0,7,9],tRNS=[0,9]),channels=4)
tf.io.decode_png(g((2,1),(8,2),[0,1,2,3,4,5,6],tRNS=[0,1,0,2,0,3]))
tf.io.decode_png(g((3,3),(8,0),[0,1,0,2,0,3,4,0,5,0,6,0,7,8,9],twice=1))
tf.io.decode_png(b'nope')
tf.io.decode_png(g((2,2),(8,2),[0,10,20,30,200,100,50,2,1,2,3,4,5,6])[:-30])
tf.io.decode_png([g((2,2),(8,2),[0,10,20,30,200,100,50,2,1,2,3,4,5,6])])
tf.io.decode_png(g((2,2),(8,2),[0,10,20,30,200,100,50,2,1,2,3,4,5,6]),dtype=tf.float32)
tf.io.decode_image(g((2,2),(8,2),[0,10,20,30,200,100,50,2,1,2,3,4,5,6]))
tf.io.decode_image(g((2,2),(8,2),[0,10,20,30,200,100,50,2,1,2,3,4,5,6]),dtype=tf.float32)
tf.io.decode_image(g((2,2),(8,2),[0,10,20,30,200,100,50,2,1,2,3,4,5,6]),dtype=tf.float64)
tf.io.decode_image(g((2,2),(8,2),[0,10,20,30,200,100,50,2,1,2,3,4,5,6]),dtype=tf.uint16)
tf.io.decode_image(g((2,2),(8,2),[0,10,20,30,200,100,50,2,1,2,3,4,5,6]),channels=1,expand_animations=False)
tf.io.decode_image(b'nope')
tf.io.decode_png(tf.io.encode_png(tf.cast(i(3,4,3)+4,tf.uint8)))
tf.io.decode_png(tf.io.encode_png(tf.cast(i(3,4,2)+400,tf.uint16)),dtype=tf.uint16)
tf.io.encode_png(tf.zeros([1,2,2,3],tf.uint8)).shape
tf.io.encode_png(tf.zeros([2,2],tf.uint8))
tf.io.encode_png(tf.zeros([2,2,5],tf.uint8))
tf.io.encode_png(tf.zeros([2,2,3]))
tf.io.is_jpeg(b'\\xff\\xd8\\xff\\xe0')
tf.io.is_jpeg(b'PNG')
"""

TEXTS = (RESIZING, PLACES, COLORS, CHANCE, FILES)
